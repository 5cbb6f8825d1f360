import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Duplex, duplexPair } from 'node:stream'
import { scrub } from '../../src/mask/scrub.ts'
import type { ActionFacts } from '../../src/model/action-facts.ts'
import type { ApprovalId } from '../../src/model/ids.ts'
import { scrubbedBy } from '../../src/model/scrubbed.ts'
import type { FileStatement } from '../../src/model/statement.ts'
import { serveFiles } from '../../src/proxy/ssh/files.ts'
import type { FilesEnd, FilesSeat } from '../../src/proxy/ssh/files-seat.ts'
import type { FileEvent, SessionEvent } from '../../src/recording/event.ts'
import { Clearance } from '../../src/session/clearance.ts'
import { refused, type Cleared, type HeldNotice, type Ruling } from '../../src/session/ruling.ts'
import { systemClock } from '../../src/std/clock.ts'
import { SftpClient } from './sftp-client.ts'

export const SFTP_SERVER = '/usr/lib/openssh/sftp-server'
export const hasSftpServer = existsSync(SFTP_SERVER)

/** Says what becomes of a statement; `held` calls it held first. */
export type Judge = (statement: FileStatement) => 'clear' | 'deny' | { readonly held: Promise<'clear' | 'deny'> }

/** What the seat of one transfer saw. */
export class FilesStage {
  readonly client: SftpClient
  /** The client's end of the channel. */
  readonly near: Duplex
  readonly over: Promise<FilesEnd>
  readonly statements: FileStatement[] = []
  readonly events: SessionEvent[] = []
  readonly settled: string[] = []
  readonly told: string[] = []
  readonly gone = new AbortController()
  #number = 0

  constructor(upstream: Duplex, judge: Judge = () => 'clear') {
    const [near, far] = duplexPair({ highWaterMark: 1024 * 1024 })
    this.near = near
    this.client = new SftpClient(near)
    this.over = serveFiles(this.#seat({ far, upstream, judge }))
  }

  get files(): readonly FileEvent[] {
    return this.events.filter((event) => event.kind === 'ssh.file')
  }

  /** The statements in short: `read /a`. */
  get judged(): readonly string[] {
    return this.statements.map(
      ({ operation, path: name, to }) => `${operation} ${name}${to === undefined ? '' : ` ${to}`}`,
    )
  }

  #seat({ far, upstream, judge }: { far: Duplex; upstream: Duplex; judge: Judge }): FilesSeat {
    return {
      client: far,
      answers: { out: (bytes) => void far.write(bytes), fedBy: () => () => undefined },
      upstream,
      gone: this.gone.signal,
      clock: systemClock,
      judge: async ({ frame, statement }, { gone, onHeld }) => {
        this.statements.push(statement)
        const answer = judge(statement)
        if (typeof answer === 'string') return this.#ruling(frame, answer)
        onHeld(NOTICE)
        const voided = new Promise<'void'>((resolve) => {
          if (gone.aborted) resolve('void')
          else gone.addEventListener('abort', () => resolve('void'))
        })
        return this.#ruling(frame, await Promise.race([answer.held, voided]))
      },
      send: (frame, clearance) => {
        clearance.spend(frame)
        upstream.write(frame)
      },
      sendRiding: (frame) => void upstream.write(frame),
      settle: ({ statement }, end) => this.settled.push(`${statement} ${end}`),
      record: (event) => this.events.push(event),
      scrub: scrubbedBy(scrub),
      tell: ({ message }) => this.told.push(message),
    }
  }

  #ruling(frame: Uint8Array, answer: 'clear' | 'deny' | 'void'): Ruling<ActionFacts> {
    this.#number += 1
    if (answer === 'void') return refused('void', 'the client left')
    return answer === 'clear' ? cleared(frame, this.#number) : refused('denied', 'not here')
  }
}

const cleared = (frame: Uint8Array, statement: number): Cleared<ActionFacts> => ({
  outcome: 'cleared',
  clearance: Clearance.issue(frame),
  statement,
  facts: [],
  epoch: undefined,
  tagged: false,
  approval: undefined,
  policyVersion: 'p',
  recordRows: 0,
})

const NOTICE: HeldNotice = {
  approval: 'a_1' as ApprovalId,
  rules: ['r'],
  message: 'wait',
  link: 'http://localhost/a_1',
  expiresAt: 0,
  needs: 'one approver',
}

/** A folder and OpenSSH's own server in it. */
export function realServer(): { folder: string; upstream: Duplex; child: ChildProcess; stop: () => void } {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'files-')))
  const child = spawn(SFTP_SERVER, ['-e'], { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] })
  const upstream = Duplex.from({ readable: child.stdout, writable: child.stdin })
  const stop = (): void => {
    child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  return { folder, upstream, child, stop }
}
