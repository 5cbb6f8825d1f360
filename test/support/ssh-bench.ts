import { spawn, type ChildProcess } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import ssh2 from 'ssh2'
import type { Grant } from '../../src/access/grants.ts'
import { scrub } from '../../src/mask/scrub.ts'
import type { ActionFacts } from '../../src/model/action-facts.ts'
import { personName, targetName, type ApprovalId, type GrantId, type SessionId } from '../../src/model/ids.ts'
import { scrubbedBy } from '../../src/model/scrubbed.ts'
import type { Statement } from '../../src/model/statement.ts'
import type { RuleEffect, Verdict } from '../../src/model/verdict.ts'
import { enter, type ActionGuardContext, type EnterDeps } from '../../src/proxy/ssh/enter.ts'
import type { ActionGuard } from '../../src/proxy/ssh/desk.ts'
import { Flow } from '../../src/proxy/ssh/flow.ts'
import { KeyExchanges } from '../../src/proxy/ssh/key-exchanges.ts'
import type { ActionRequest } from '../../src/session/action-matter.ts'
import { openPrompt } from '../../src/proxy/ssh/prompt.ts'
import { createSshTarget, type ShellMode } from '../../src/proxy/ssh/target.ts'
import type { SessionEvent } from '../../src/recording/event.ts'
import type { SessionRecording } from '../../src/recording/session-recording.ts'
import { createGuard } from '../../src/session/guard.ts'
import type { HoldEnd } from '../../src/session/holds.ts'
import type { AnyReading } from '../../src/session/matter.ts'
import { Registry } from '../../src/session/registry.ts'
import { createTallies } from '../../src/session/tallies.ts'
import { systemClock } from '../../src/std/clock.ts'
import { deferred, type Deferred } from '../../src/std/deferred.ts'
import { startSshd, type SshdOptions, type TestSshd } from './sshd.ts'

/** An approval that waits, and how the test answers it. */
export interface Waiting {
  readonly text: string
  readonly answer: (end: HoldEnd) => void
}

/**
 * The session part of the SSH proxy before a real sshd and behind a server that lets everybody in: rules by the first words of what is asked for, approvals by
 * the test's own hand, a recording in memory.
 */
export interface SshBench {
  readonly sshd: TestSshd
  readonly port: number
  /** Arguments that every OpenSSH client needs before its own. */
  readonly options: readonly string[]
  readonly folder: string
  /** Everything recorded, of all sessions. */
  readonly events: SessionEvent[]
  /** What the client got on each channel, as it was kept. */
  readonly kept: string[]
  readonly registry: Registry
  /** Why sessions ended. */
  readonly ends: string[]
  readonly errors: Error[]
  /** Approvals settled after what ran. */
  readonly finished: string[]
  /** Waits for an approval of what begins like this. */
  held(text: string): Promise<Waiting>
  stop(): Promise<void>
}

export const APPROVED: HoldEnd = { end: 'approved', by: [{ person: personName('bob'), reason: undefined }] }
export const DENIED: HoldEnd = { end: 'denied', by: { person: personName('bob'), reason: 'not today' } }

export interface BenchOptions {
  readonly sshd?: SshdOptions
  readonly shell?: ShellMode
  readonly idleMs?: number
  readonly effectOf?: (statement: Statement) => RuleEffect
}

export async function sshBench(options: BenchOptions = {}): Promise<SshBench> {
  const sshd = await startSshd(options.sshd)
  const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-test-ssh-'))
  const waiting: Waiting[] = []
  const asked = new Set<{ readonly text: string; readonly seen: Deferred<Waiting> }>()
  const [events, kept, ends, finished] = [
    new Array<SessionEvent>(),
    new Array<string>(),
    new Array<string>(),
    new Array<string>(),
  ]
  const errors: Error[] = []
  const registry = new Registry({ total: 100, perPerson: 100, perSource: 100 })
  const open = (text: string): Promise<HoldEnd> => {
    const end = deferred<HoldEnd>()
    const one = { text, answer: (with_: HoldEnd) => end.resolve(with_) }
    waiting.push(one)
    for (const ask of asked) if (text.startsWith(ask.text)) ask.seen.resolve(one)
    return end.promise
  }
  const deps = depsOf({ sshd, options, registry, events, kept, ends, errors, finished, open })
  const server = listenWith((entered) => enter(entered, deps))
  const port = await server.port
  const key = path.join(folder, 'key')
  writeFileSync(key, sshd.key.reveal(), { mode: 0o600 })
  return {
    ...{ sshd, port, folder, events, kept, registry, ends, errors, finished },
    options: optionsOf(port, key, folder),
    held(text) {
      const there = waiting.find((one) => one.text.startsWith(text))
      if (there !== undefined) return Promise.resolve(there)
      const seen = deferred<Waiting>()
      asked.add({ text, seen })
      return seen.promise
    },
    async stop() {
      registry.closeAll(() => ({ reason: 'node-stop', text: 'the proxy is stopping' }))
      server.close()
      await sshd.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const optionsOf = (port: number, key: string, folder: string): readonly string[] => {
  mkdirSync(path.join(folder, 'home'), { recursive: true })
  return [
    ...['-F', '/dev/null', '-o', `Port=${port}`, '-o', `IdentityFile=${key}`, '-o', 'IdentitiesOnly=yes'],
    ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'],
    ...['-o', 'BatchMode=yes', '-o', 'User=alice@web-1'],
  ]
}

const history = { load: () => Promise.resolve([]), add: () => Promise.resolve() }

type World = Pick<SshBench, 'sshd' | 'registry' | 'events' | 'kept' | 'ends' | 'errors' | 'finished'> & {
  readonly options: BenchOptions
  readonly open: (text: string) => Promise<HoldEnd>
}

const WEB = targetName('web-1')
const ALICE = personName('alice')

function depsOf(world: World): EnterDeps {
  const { sshd, options, registry, errors, finished } = world
  const target = createSshTarget({
    target: {
      name: WEB,
      protocol: 'ssh',
      database: '',
      account: sshd.user,
      tags: [],
      shell: options.shell ?? 'commands',
    },
    shell: options.shell ?? 'commands',
    forwards: { local: true, remote: true },
    clock: systemClock,
    dial: {
      ...{ host: '127.0.0.1', port: sshd.port, user: sshd.user, hostKeys: [sshd.hostKeyBlob], deadlineMs: 10_000 },
      login: { kind: 'key', key: sshd.key },
    },
  })
  let sessions = 0
  return {
    targets: new Map([['web-1', target]]),
    whoIs: (person) =>
      Promise.resolve({ principal: { person, roles: ['engineer'], service: false }, owner: undefined }),
    stopped: () => Promise.resolve(undefined),
    tallies: createTallies(),
    registry,
    sessions: { start: () => Promise.resolve(), end: () => Promise.resolve() } as unknown as EnterDeps['sessions'],
    recorder: {
      open: ({ session }) => memoryRecording(session, world),
      health: () => ({ healthy: true }),
      probe: () => Promise.resolve({ healthy: true }),
      stop: () => undefined,
    },
    newSessionId: () => `s_${(sessions += 1)}` as SessionId,
    clock: systemClock,
    prompt: (seat) =>
      openPrompt({ seat, history, clock: systemClock, scrub, onFault: (error) => void errors.push(error) }),
    policyVersion: () => 'p1',
    scrub: scrubbedBy(scrub),
    idleMs: options.idleMs ?? 60_000,
    recordedOutput: 1024 * 1024,
    serviceIdleMs: 60_000,
    guardFor: (context) => guardFor(context, world),
    finishApproval: (_, approval, { to, detail }) => void finished.push(`${approval} ${to}: ${detail}`),
    onError: (error) => void errors.push(error),
  }
}

function memoryRecording(session: SessionId, { events, ends, kept }: World): SessionRecording {
  return {
    session,
    folder: '',
    append: (event: SessionEvent) => void events.push(event),
    handOver: () => undefined,
    cast: () => ({
      output: (bytes: Buffer) => void kept.push(bytes.toString('latin1')),
      resize: (columns: number, rows: number) => void kept.push(`<${columns}x${rows}>`),
      mark: (text: string) => void kept.push(`<${text}>`),
      close: () => undefined,
    }),
    settle: () => Promise.resolve(),
    close: ({ reason }: { reason: string }) => {
      ends.push(reason)
      return Promise.resolve({})
    },
  } as unknown as SessionRecording
}

function guardFor(
  { principal, target, recording, rights }: ActionGuardContext,
  { options, open, finished }: World,
): ActionGuard {
  let approvals = 0
  return createGuard<ActionFacts, ActionRequest, AnyReading<ActionFacts>>({
    principal,
    rights,
    target,
    matter: {
      read: ({ statement }) => readingOf(statement),
      reread: ({ statement }) => readingOf(statement),
      epoch: () => undefined,
      values: () => [],
      digest: ({ statement }) => textOf(statement),
      estimates: () => Promise.resolve([]),
      searchPath: () => undefined,
      place: () => undefined,
    },
    policy: () => ({ version: 'p1', decide: ({ facts }) => verdictOf(facts, options) }),
    witness: recording,
    holds: {
      open: (request) => {
        approvals += 1
        const settled = open(textOf(request.statement))
        const approval = `a_${approvals}` as ApprovalId
        return Promise.resolve({ approval, link: 'http://console/a', expiresAt: 0, settled })
      },
      withdraw: (_, end) => Promise.resolve(void finished.push(end)),
      claim: () => Promise.resolve(true),
      finish: (_, end, detail) => Promise.resolve(void finished.push(`${end} ${detail}`)),
    },
    scrub: scrubbedBy(scrub),
    tally: createTallies().statements,
    now: () => Date.now(),
    after: (ms, callback) => systemClock.after(ms, callback),
  })
}

const effects = new WeakMap<ActionFacts, Statement>()

function readingOf(statement: Statement): AnyReading<ActionFacts> {
  const facts: ActionFacts = { kind: 'shell', effects: [], complete: true, gaps: [] }
  effects.set(facts, statement)
  return {
    facts: [facts],
    redacted: [scrub(textOf(statement))],
    kept: [],
    epoch: undefined,
    tagged: false,
    wantsFresh: false,
  }
}

/** What a test knows it by. */
function textOf(statement: Statement): string {
  switch (statement.kind) {
    case 'shell':
      return statement.text
    case 'file':
      return `${statement.by} ${statement.operation} ${statement.path}`
    case 'forward':
      return `forward ${statement.direction} ${statement.host}:${statement.port}`
    case 'open':
      return 'open'
    case 'sql':
      return statement.text
  }
}

/** `hold …` and `deny …` say what the rules are to be; everything else is harmless. */
const byFirstWord = (statement: Statement): RuleEffect => {
  const [word] = textOf(statement).split(/[ ;]/)
  if (statement.kind === 'open') return 'hold'
  return word === ':hold' ? 'hold' : word === ':deny' ? 'deny' : 'allow'
}

function verdictOf(facts: readonly unknown[], { effectOf = byFirstWord }: BenchOptions): Verdict {
  const [first] = facts
  const statement = typeof first === 'object' && first !== null ? effects.get(first as ActionFacts) : undefined
  const effect = statement === undefined ? 'deny' : effectOf(statement)
  const holds = [{ rule: 'test/hold', from: ['approver'], need: 1, withinMs: 60_000, notify: [] }] as const
  return {
    effect,
    matches:
      effect === 'allow'
        ? []
        : [{ rule: `test/${effect}`, effect, severity: 'high', message: `the test says ${effect}` }],
    holds: effect === 'hold' ? holds : [],
    policyVersion: 'p1',
  }
}

type Entered = Parameters<typeof enter>[0]

/** A server of the library that asks nobody anything. */
function listenWith(serve: (entered: Entered) => Promise<void>): { port: Promise<number>; close(): void } {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: { type: 'pkcs1', format: 'pem' }, publicKeyEncoding: { type: 'pkcs1', format: 'pem' } }) // prettier-ignore
  const server = new ssh2.Server({ hostKeys: [privateKey] })
  const front = createServer({ noDelay: true }, (socket) => server.injectSocket(socket))
  server.on('connection', (connection) => {
    connection.on('authentication', (context) => context.accept())
    connection.on('error', () => undefined)
    connection.on('ready', () => {
      const socket = Reflect.get(connection, '_sock') as Entered['socket']
      const now = (): number => systemClock.now()
      const after: typeof systemClock.after = (ms, callback) => systemClock.after(ms, callback)
      const exchanges = new KeyExchanges({ connection, socket, now, after, onFault: () => socket.destroy() })
      void serve({
        ...{ connection, socket, flow: new Flow({ socket, exchanges, now, after }) },
        person: ALICE,
        target: WEB,
        grant: { id: 'g_1' as GrantId, person: ALICE, target: WEB, expiresAt: Date.now() + 3_600_000 } as Grant,
        credential: undefined,
        how: 'key',
        clientKey: undefined,
        login: 'alice@web-1',
        address: '127.0.0.1:1',
        source: '127.0.0.1',
        software: 'test',
        cipher: undefined,
        restrictions: { command: undefined, terminal: true, forwards: true },
      })
    })
  })
  front.listen(0, '127.0.0.1')
  const port = new Promise<number>((resolve) =>
    front.once('listening', () => {
      const address = front.address()
      resolve(typeof address === 'object' ? (address?.port ?? 0) : 0)
    }),
  )
  return { port, close: () => void front.close() }
}

export interface Ran {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: Buffer
  readonly err: string
}

export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ran>
  /** Resolves once these were printed one behind the other, by either output. */
  saw(...texts: readonly string[]): Promise<void>
}

/** A program of the machine with its input held open until `input` ends it; null: nothing to read. */
export function startTool(
  tool: string,
  args: readonly string[],
  ...[input, env]: [input?: Buffer | string | null, env?: NodeJS.ProcessEnv]
): Running {
  const child = spawn(tool, args, {
    stdio: [input === null ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    env: env ?? process.env,
  })
  const out: Buffer[] = []
  const err: Buffer[] = []
  const watchers = new Set<() => void>()
  const note = (to: Buffer[]) => (chunk: Buffer) => {
    to.push(chunk)
    for (const watch of watchers) watch()
  }
  child.stdout?.on('data', note(out))
  child.stderr?.on('data', note(err))
  child.stdin?.on('error', () => undefined)
  if (input !== undefined && input !== null) child.stdin?.end(input)
  const ended = new Promise<Ran>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status, signal) =>
      resolve({ status, signal, out: Buffer.concat(out), err: Buffer.concat(err).toString() }),
    )
  })
  const saw = (...texts: readonly string[]): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const printed = Buffer.concat([...out, ...err]).toString('latin1')
        let at = 0
        for (const text of texts) {
          const found = printed.indexOf(text, at)
          if (found < 0) return
          at = found + text.length
        }
        watchers.delete(look)
        resolve()
      }
      watchers.add(look)
      look()
      void ended.then(({ err: said }) => reject(new Error(`${tool} ended without ${texts.join(' … ')}: ${said}`)))
    })
  return { child, ended, saw }
}
