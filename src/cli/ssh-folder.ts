import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { generateKeyPairSync, randomInt, randomUUID } from 'node:crypto'
import { z } from 'zod'
import { printPrivateKey } from '../protocol/ssh/private-key.ts'
import { RefusedError } from './command.ts'
import type { SshCalls } from './ssh-calls.ts'

/** Where a profile keeps what ssh needs; every path absolute, every file its owner's alone. */
export interface SshFolder {
  readonly key: string
  readonly certificate: string
  readonly knownHosts: string
  /** When the certificate ends, RFC 3339; undefined where there is none. */
  readonly until: string | undefined
}

const Ends = z.strictObject({ until: z.string() })

/** The folder beside the profile's file. */
const folderOf = (profileFile: string): string => profileFile.replace(/\.json$/, '.ssh')

const placesIn = (folder: string): Omit<SshFolder, 'until'> => ({
  key: path.join(folder, 'id_ed25519'),
  certificate: path.join(folder, 'id_ed25519-cert.pub'),
  knownHosts: path.join(folder, 'known_hosts'),
})

export async function readSshFolder(profileFile: string): Promise<SshFolder> {
  const folder = folderOf(profileFile)
  const text = await readFile(path.join(folder, 'certificate.json'), 'utf8').catch(() => '{}')
  const ends = Ends.safeParse(jsonOf(text))
  return { ...placesIn(folder), until: ends.success ? ends.data.until : undefined }
}

/**
 * A new key and the server's certificate over it, kept for as long as that counts. `factor` may be left out within minutes of the login. Rejects with the server's
 * words, `no-ssh` where it has no such listener.
 */
export async function renewCertificate(
  profileFile: string,
  calls: Pick<SshCalls, 'certificate'>,
  factor?: string,
): Promise<SshFolder> {
  const { privateKey } = generateKeyPairSync('ed25519')
  const pair = printPrivateKey(privateKey, { comment: 'countersign', check: randomInt(2 ** 32) })
  const issued = await calls.certificate({ key: pair.line, ...(factor === undefined ? {} : { factor }) })
  const folder = folderOf(profileFile)
  const places = placesIn(folder)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
  await keep(places.key, pair.secret)
  await keep(`${places.key}.pub`, `${pair.line}\n`)
  await keep(places.certificate, `${issued.certificate}\n`)
  await keep(path.join(folder, 'certificate.json'), `${JSON.stringify({ until: issued.expiresAt })}\n`)
  return { ...places, until: issued.expiresAt }
}

/** The server's own keys, fetched over the API and never learnt from whoever answers first. Gives host and port of the listener. */
export async function pinHostKeys(
  { knownHosts }: Pick<SshFolder, 'knownHosts'>,
  calls: Pick<SshCalls, 'hostKey'>,
): Promise<{ readonly host: string; readonly port: number }> {
  const { host, port, keys } = await calls.hostKey()
  // They become lines of a file and words of a command.
  const plain = /^[A-Za-z0-9._:-]+$/.test(host) && keys.every((key) => /^[a-z0-9@.-]+ [A-Za-z0-9+/]+=*$/.test(key))
  if (!plain) throw new RefusedError('the server answered something else than this version expects')
  await mkdir(path.dirname(knownHosts), { recursive: true, mode: 0o700 })
  const name = port === 22 ? host : `[${host}]:${port}`
  await keep(knownHosts, keys.map((key) => `${name} ${key}\n`).join(''))
  return { host, port }
}

/** Written beside and moved into place: a second command never reads half a file. */
async function keep(file: string, text: string): Promise<void> {
  const beside = `${file}.${randomUUID()}`
  try {
    await writeFile(beside, text, { mode: 0o600, flag: 'wx' })
    await rename(beside, file)
  } finally {
    await rm(beside, { force: true })
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
