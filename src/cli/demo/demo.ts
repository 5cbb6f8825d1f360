import { existsSync } from 'node:fs'
import path from 'node:path'
import { COMMON, parsed, RefusedError, running, UsageError } from '../command.ts'
import type { ExitCode, Io } from '../io.ts'
import { signalled } from '../serve.ts'
import { tellNextCode } from './codes.ts'
import { claimFolder } from './demo-folder.ts'
import { openLan } from './lan.ts'
import { savedPerson } from './people.ts'
import { portFrom } from './ports.ts'
import { playScript } from './script.ts'
import { setStage } from './stage.ts'
import { callName, facts, welcome } from './welcome.ts'

const USAGE =
  'demo [--script | --lan [--address ADDRESS]] [--data demo-data] [--json] | demo code PERSON [--data demo-data]'
const OPTIONS = {
  ...COMMON,
  script: { type: 'boolean' },
  lan: { type: 'boolean' },
  address: { type: 'string' },
  data: { type: 'string' },
} as const
const DEFAULT_FOLDER = 'demo-data'
const PORTS = { postgres: 6432, ssh: 6022, http: 8080 }

/**
 * A whole Countersign with a real Postgres full of test cards, on loopback. `--script` plays its story by itself; `--lan` opens it to the network, with a certificate
 * of its own, so that a phone can try a link; `code` tells the one-time code of one of its people.
 */
export function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  return running({ usage: USAGE, argv, io }, async () => {
    const { values, positionals } = parsed(argv, { options: OPTIONS, words: { least: 0, most: 2 } })
    const folder = path.resolve(values.data ?? DEFAULT_FOLDER)
    const json = values.json === true
    const [word, person] = positionals
    if (word === 'code') return tellCode(folder, person, io)
    if (word !== undefined) throw new UsageError(`"${word}" is nothing that the demo can do`)
    if (values.script === true && values.lan === true)
      throw new UsageError('--script plays on loopback: leave out --lan')
    if (values.script === true) return playScript({ io, json, signal: interrupted() })
    if (values.address !== undefined && values.lan !== true) throw new UsageError('--address goes with --lan')
    return stay({ folder, io, json, lan: values.lan === true, address: values.address })
  })
}

interface Stay {
  readonly folder: string
  readonly io: Io
  readonly json: boolean
  /** Beyond loopback. */
  readonly lan: boolean
  /** Which of the machine's addresses links name then. */
  readonly address: string | undefined
}

/** Until a signal, or until something without which it makes no sense has ended. */
async function stay({ folder, io, json, lan, address }: Stay): Promise<ExitCode> {
  claimFolder(folder)
  const open = lan ? openLan({ folder, wanted: address }) : undefined
  const host = open === undefined ? '127.0.0.1' : '0.0.0.0'
  io.err('Starting a Postgres full of test cards, a host with files and Countersign before them ...\n')
  const free = (wanted: number): Promise<number> => portFrom(wanted, host)
  const ports = { postgres: await free(PORTS.postgres), ssh: await free(PORTS.ssh), http: await free(PORTS.http) }
  const stage = await setStage({ folder, ports, web: true, tls: open?.tls, address: open?.address })
  io.out(json ? `${JSON.stringify(facts(stage, open))}\n` : welcome(stage, callName(io.env), open))
  const gone = stage.postgres.exited.then(
    () => `the embedded Postgres has ended; its log was ${stage.postgres.logPath}`,
  )
  const end = await Promise.race([signalled(stage.app), stage.fatal, gone])
  io.err('\nStopping ...\n')
  await stage.stop()
  if (end !== 'signal') throw new RefusedError(end)
  io.err(`What was recorded stays in ${path.relative(process.cwd(), folder)} until the next demo.\n`)
  return 0
}

function interrupted(): AbortSignal {
  const ended = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => ended.abort())
  return ended.signal
}

async function tellCode(folder: string, name: string | undefined, io: Io): Promise<ExitCode> {
  if (name === undefined) throw new UsageError('say whose code, e.g. demo code bob')
  const file = path.join(folder, 'people.json')
  if (!existsSync(file)) throw new RefusedError(`no demo has run in ${folder}`)
  const person = savedPerson(file, name)
  if (person === undefined) throw new RefusedError('the demo has no person of that name')
  const onWait = (ms: number): void =>
    io.err(`Each code works once; ${person.name}'s next one comes in ${Math.ceil(ms / 1000)} s ...\n`)
  io.out(`${await tellNextCode(person, path.join(folder, 'codes.json'), onWait)}\n`)
  return 0
}
