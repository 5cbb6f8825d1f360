import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/** A certificate and its key, PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** Certificates for tests; all but `stranger` are signed by `ca`. */
export interface Certificates {
  /** PEM of the authority. */
  readonly ca: string
  /** For localhost, 127.0.0.1 and ::1. */
  readonly server: Certificate
  /** For db.example.test only. */
  readonly elsewhere: Certificate
  /** A client's, common name `certuser`. */
  readonly client: Certificate
  /** For localhost too, signed by itself. */
  readonly stranger: Certificate
}

const NAMES = {
  server: 'DNS:localhost,IP:127.0.0.1,IP:::1',
  elsewhere: 'DNS:db.example.test',
  client: 'DNS:certuser',
} as const

/** Makes them with the openssl command, once a machine; EC keys, so it takes a moment only. */
export function testCertificates(): Certificates {
  const folder = path.join(os.tmpdir(), `countersign-test-certificates-${process.getuid?.() ?? 0}-1`)
  if (!existsSync(folder)) make(folder)
  const pair = (name: string): Certificate => ({ cert: read(folder, `${name}.pem`), key: read(folder, `${name}.key`) })
  return {
    ca: read(folder, 'ca.pem'),
    server: pair('server'),
    elsewhere: pair('elsewhere'),
    client: pair('client'),
    stranger: pair('stranger'),
  }
}

const read = (folder: string, name: string): string => readFileSync(path.join(folder, name), 'utf8')

function make(folder: string): void {
  const drafts = mkdtempSync(`${folder}-`)
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: drafts, stdio: 'pipe' })
  const key = (name: string): void =>
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${name}.key`)
  const selfSigned = (name: string, ...extensions: string[]): void => {
    key(name)
    const added = extensions.flatMap((extension) => ['-addext', extension])
    openssl(
      'req',
      '-x509',
      '-new',
      '-key',
      `${name}.key`,
      '-days',
      '3650',
      '-subj',
      `/CN=${name}`,
      ...added,
      '-out',
      `${name}.pem`,
    )
  }
  selfSigned('ca', 'keyUsage=critical,keyCertSign,cRLSign')
  selfSigned('stranger', `subjectAltName=${NAMES.server}`)
  for (const name of ['server', 'elsewhere', 'client'] as const) {
    key(name)
    const subject = name === 'client' ? 'certuser' : name
    openssl('req', '-new', '-key', `${name}.key`, '-subj', `/CN=${subject}`, '-out', `${name}.csr`)
    writeFileSync(path.join(drafts, 'ext'), `subjectAltName=${NAMES[name]}\n`)
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '3650', '-extfile', 'ext']
    openssl('x509', '-req', '-in', `${name}.csr`, ...signed, '-out', `${name}.pem`)
  }
  adopt(drafts, folder)
}

/** Another test file may have been quicker. */
function adopt(drafts: string, folder: string): void {
  mkdirSync(path.dirname(folder), { recursive: true })
  try {
    renameSync(drafts, folder)
  } catch {
    rmSync(drafts, { recursive: true, force: true })
  }
}
