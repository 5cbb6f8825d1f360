import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { StoryError } from '../../src/cli/demo/teller.ts'
import { WireClient } from '../../src/cli/demo/wire-client.ts'
import { verify } from '../../src/recording/verify.ts'
import { systemClock } from '../../src/std/clock.ts'
import { Secret } from '../../src/std/secret.ts'
import { playScript } from '../../src/cli/demo/script.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const Step = z.looseObject({ step: z.number(), title: z.string(), ok: z.boolean() })
const End = z.looseObject({ ok: z.boolean(), seconds: z.number() })
const Told = z.looseObject({
  psql: z.string(),
  api: z.url(),
  ports: z.object({ postgres: z.number(), http: z.number() }),
})

const scratch = mkdtempSync(path.join(os.tmpdir(), 'countersign-demo-test-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function start(...argv: readonly string[]): { child: ChildProcess; ended: Promise<Ended>; said: () => string } {
  const child = spawn(process.execPath, [MAIN, 'demo', ...argv], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err]: string[][] = [[], []]
  child.stdout.on('data', (chunk: Buffer) => out?.push(chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => err?.push(chunk.toString()))
  const said = (): string => out?.join('') ?? ''
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, out: said(), err: err?.join('') ?? '' }))
  return { child, ended, said }
}

/** A demo that is ready, with what it tells programs. */
async function running(folder: string): Promise<{ demo: ReturnType<typeof start>; told: z.infer<typeof Told> }> {
  const demo = start('--data', folder, '--json')
  while (!demo.said().includes('\n')) {
    await Promise.race([once(demo.child.stdout ?? demo.child, 'data'), demo.ended])
    if (demo.child.exitCode !== null) break
  }
  return { demo, told: Told.parse(JSON.parse(demo.said())) }
}

/** Folders that one process made for its servers and scripts. */
const leftBy = (pid: number | undefined): readonly string[] =>
  readdirSync(os.tmpdir()).filter((name) => name.startsWith(`countersign-postgres-${pid ?? 0}-`))

function connectTo(dsn: string): Promise<WireClient> {
  const url = new URL(dsn)
  return WireClient.connect({
    ...{ user: decodeURIComponent(url.username), password: new Secret(url.password), database: url.pathname.slice(1) },
    ...{ target: { host: url.hostname, port: Number(url.port), tls: 'off' }, parameters: new Map() },
    ...{ clock: systemClock, deadlineMs: 10_000 },
  })
}

const answers = async (url: string): Promise<boolean> => (await fetch(`${url}/readyz`)).ok

describe('the demo', () => {
  test('plays its whole story by itself, and every step is as it should be', async () => {
    const before = new Set(readdirSync(os.tmpdir()).filter((name) => name.startsWith('countersign-script-')))
    const { child, ended } = start('--script', '--json')
    const { code, out, err } = await ended
    const lines: unknown[] = out
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
    const steps = lines.slice(0, -1).map((line) => Step.parse(line))
    assert.deepEqual({ code, err, bad: steps.filter(({ ok }) => !ok) }, { code: 0, err: '', bad: [] })
    const end = End.parse(lines.at(-1))
    assert.ok(end.ok && steps.length === 25 && end.seconds < 60, JSON.stringify(end))
    assert.deepEqual(leftBy(child.pid), [])
    const left = readdirSync(os.tmpdir()).filter((name) => name.startsWith('countersign-script-') && !before.has(name))
    assert.deepEqual(left, [])
  })

  test('stops in the middle of its story at a signal, and leaves nothing', async () => {
    const { child, ended, said } = start('--script')
    while (!said().includes('2. ')) await once(child.stdout ?? child, 'data')
    child.kill('SIGINT')
    const { code, err } = await ended
    assert.equal(code, 1)
    assert.match(err, /stopped by a signal/)
    assert.deepEqual(leftBy(child.pid), [])
  })

  test('names the step that is not as it should be, and leaves nothing', async () => {
    const [out, err]: string[][] = [[], []]
    const io = {
      out: (text: string) => void out?.push(text),
      err: (text: string) => void err?.push(text),
      isTty: false,
      env: {},
    }
    const broken = {
      title: 'A step that cannot be',
      play: () => Promise.reject(new StoryError('expected: nothing; instead: card 4111111111111111')),
    }
    const code = await playScript({ io, json: false, signal: new AbortController().signal, story: [broken] })
    assert.equal(code, 1)
    assert.match(
      err?.join('') ?? '',
      /FAILED at step 1, "A step that cannot be": expected: nothing; instead: card 411111\*+1111/,
    )
    assert.deepEqual(leftBy(process.pid), [])
  })

  test('takes the next free port where another program has its own, and ends at a signal', async () => {
    const folder = path.join(scratch, 'signalled')
    const taken = createServer()
    // Where it is taken already, that serves as well.
    await new Promise((resolve) => taken.once('error', resolve).listen(6432, '127.0.0.1', () => resolve(undefined)))
    const { demo, told } = await running(folder)
    assert.notEqual(told.ports.postgres, 6432)
    assert.ok(await answers(told.api))
    const client = await connectTo(told.psql)
    client.send({ name: 'query', text: 'DELETE FROM payments' })
    await client.notice()
    demo.child.kill('SIGINT')
    const { code, err } = await demo.ended
    taken.close()
    assert.equal(code, 0, err)
    assert.deepEqual(leftBy(demo.child.pid), [])
    // The session that waited was ended in order, in its recording and in the ledger.
    const { ok, problems, sessions } = await verify(path.join(folder, 'data', 'recordings'))
    assert.deepEqual({ ok, problems, sessions: sessions.length }, { ok: true, problems: [], sessions: 1 })
  })

  test('starts again in the folder of a killed run, and not beside a live one', async () => {
    const folder = path.join(scratch, 'killed')
    const first = await running(folder)
    const second = await start('--data', folder).ended
    assert.equal(second.code, 1)
    assert.match(second.err, /a demo runs in .* already/)
    assert.ok(await answers(first.told.api))
    first.demo.child.kill('SIGKILL')
    await first.demo.ended
    const third = await running(folder)
    assert.ok(await answers(third.told.api))
    assert.deepEqual(leftBy(first.demo.child.pid), [])
    third.demo.child.kill('SIGTERM')
    assert.equal((await third.demo.ended).code, 0)
  })

  test('touches no folder that no demo made', async () => {
    const file = path.join(scratch, 'thesis.txt')
    writeFileSync(file, 'years of work')
    const { code, err } = await start('--data', scratch).ended
    assert.deepEqual([code, existsSync(file), readFileSync(file, 'utf8')], [1, true, 'years of work'])
    assert.match(err, /no demo made/)
  })
})
