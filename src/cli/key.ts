import { readFileSync } from 'node:fs'
import { text as readAll } from 'node:stream/consumers'
import { NET, profileClient, type Client, type Net } from './client.ts'
import { asked, COMMON, parsed, PROFILE, RefusedError, running, UsageError } from './command.ts'
import type { ExitCode, Io } from './io.ts'
import { terminalLine } from './terminal.ts'

const USAGE = 'key add FILE|- [--name NAME] | key list | key remove ID   [--code CODE] [--profile NAME] [--json]'
const OPTIONS = { ...COMMON, ...PROFILE, name: { type: 'string' }, code: { type: 'string' } } as const

/** `key add|list|remove`: the SSH keys by which one logs in, with a one-time code beside each. Adding and removing take a code as well. */
export function run(
  argv: readonly string[],
  io: Io,
  net: Net & { readonly stdin?: () => Promise<string> } = NET,
): Promise<ExitCode> {
  return running({ usage: USAGE, argv, io }, async () => {
    const { values, positionals } = parsed(argv, { options: OPTIONS, words: { least: 1, most: 2 } })
    const [verb = '', word] = positionals
    const act = ACTS[verb]
    if (act === undefined) throw new UsageError(`"${verb}" is none of add, list, remove`)
    if ((word === undefined) !== (verb === 'list'))
      throw new UsageError(verb === 'list' ? 'list takes no word' : `${verb} takes one word`)
    const stdin = net.stdin ?? (() => readAll(process.stdin))
    const key = verb === 'add' ? await keyText(word ?? '', stdin) : undefined
    const client = await profileClient(values.profile, io, net)
    const told = await act({ client, io, word: word ?? '', key: key ?? '', name: values.name, code: values.code })
    io.out(
      values.json === true
        ? `${JSON.stringify(told.json)}\n`
        : told.lines.map((line) => `${terminalLine(line)}\n`).join(''),
    )
    return 0
  })
}

interface Act {
  readonly client: Client
  readonly io: Io
  readonly word: string
  /** Text of the .pub file. */
  readonly key: string
  readonly name: string | undefined
  readonly code: string | undefined
}

interface Told {
  readonly lines: readonly string[]
  readonly json: unknown
}

const ACTS: Readonly<Record<string, (act: Act) => Promise<Told>>> = {
  async add({ client, io, key, name, code }) {
    const factor = await codeFor(io, code, 'to log in by this key from now on')
    const added = await client.ssh.add({ key, factor, ...(name === undefined ? {} : { name }) })
    return { lines: [`${added.id}  ${added.fingerprint}  ${added.name}`], json: added }
  },
  async list({ client }) {
    const keys = await client.ssh.keys()
    const lines = keys.map(
      ({ id, fingerprint, name, usedAt }) =>
        `${id}  ${fingerprint}  ${name}  ${usedAt === null ? 'never used' : `used ${usedAt}`}`,
    )
    return { lines: keys.length === 0 ? ['no keys'] : lines, json: keys }
  },
  async remove({ client, io, word, code }) {
    const factor = await codeFor(io, code, `to remove ${word} for good`)
    await client.ssh.remove(word, factor)
    return { lines: [`${word} is removed; its sessions end`], json: { removed: word } }
  },
}

const codeFor = async (io: Io, given: string | undefined, what: string): Promise<string> =>
  given ?? asked(io, { text: `One-time code ${what}: `, hidden: false, instead: '--code' })

/** The longest public key takes some 3 KiB. */
const MAX_TEXT = 8192

async function keyText(file: string, stdin: () => Promise<string>): Promise<string> {
  const text = file === '-' ? await stdin() : readFile(file)
  // A private key is not even sent to our own server.
  if (text.includes('PRIVATE KEY'))
    throw new RefusedError(`${file} is a private key, which is yours alone: give the file that ends in .pub`)
  if (text.length > MAX_TEXT) throw new RefusedError(`${file} is longer than any public key`)
  return text.trim()
}

function readFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new RefusedError(`${file} cannot be read`)
  }
}
