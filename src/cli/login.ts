import { asked, COMMON, parsed, PROFILE, RefusedError, running, UsageError } from './command.ts'
import { loginByBrowser, PAUSE, type Pause } from './browser-login.ts'
import { createClient, NET } from './client.ts'
import type { Client, Net } from './client.ts'
import type { ExitCode, Io } from './io.ts'
import { profileName, profilePath, saveProfile } from './profile.ts'
import { renewCertificate } from './ssh-folder.ts'
import { terminalLine } from './terminal.ts'
import { asError } from '../std/errors.ts'

const USAGE = `login URL [--person NAME] [--profile NAME] [--json]
       | login URL --browser …      signs in through a browser: with a passkey, or an organisation's sign-in`

/**
 * `login URL`: asks for name, password and code and keeps the token. Scripts give --person, COUNTERSIGN_PASSWORD and COUNTERSIGN_CODE. With `--browser` somebody
 * confirms a code in the console.
 */
export function run(argv: readonly string[], io: Io, net: Net & { readonly pause?: Pause } = NET): Promise<ExitCode> {
  return running({ usage: USAGE, argv, io }, async () => {
    const { values, positionals } = parsed(argv, {
      options: { ...COMMON, ...PROFILE, person: { type: 'string' }, browser: { type: 'boolean' } },
      words: { least: 1, most: 1 },
    })
    const url = serverUrl(positionals[0] ?? '')
    const file = profilePath(profileName(values.profile, io.env), io.env)
    const client = createClient({ url, token: undefined, fetch: net.fetch })
    const { person } = values
    const done =
      values.browser === true
        ? await loginByBrowser(client.browserLogin, { person, io, pause: net.pause ?? PAUSE })
        : await loginByPassword(client, { person, io })
    await saveProfile(file, { url, person: done.person, token: done.token, expiresAt: done.expiresAt })
    await keepCertificate(file, createClient({ url, token: done.token, fetch: net.fetch }), io)
    const told = { person: done.person, roles: done.roles, expiresAt: done.expiresAt }
    io.out(
      values.json === true
        ? `${JSON.stringify(told)}\n`
        : terminalLine(`${done.person} is logged in (${done.roles.join(', ')})`) + '\n',
    )
    return 0
  })
}

async function loginByPassword(
  client: Client,
  { person: named, io }: { readonly person: string | undefined; readonly io: Io },
): ReturnType<Client['login']> {
  const person = named ?? (await asked(io, { text: 'Name: ', hidden: false, instead: '--person' }))
  const password =
    io.env['COUNTERSIGN_PASSWORD'] ??
    (await asked(io, { text: 'Password: ', hidden: true, instead: 'COUNTERSIGN_PASSWORD' }))
  const totp =
    io.env['COUNTERSIGN_CODE'] ??
    (await asked(io, { text: 'One-time code: ', hidden: false, instead: 'COUNTERSIGN_CODE' }))
  return client.login({ person, password, totp }).catch(async (thrown: unknown) => {
    if (!(thrown instanceof RefusedError) || thrown.json['code'] !== 'password-change') throw thrown
    return client.login({ person, password, totp, newPassword: await ownPassword(io) })
  })
}

/** Where the server has an SSH listener, a certificate for as long as the factors of this login count. Without it the login is one all the same. */
async function keepCertificate(file: string, client: Pick<Client, 'ssh'>, io: Io): Promise<void> {
  try {
    await renewCertificate(file, client.ssh)
  } catch (thrown) {
    if (thrown instanceof RefusedError && thrown.json['code'] === 'no-ssh') return
    io.err(terminalLine(`there is no SSH certificate: ${asError(thrown).message}`) + '\n')
  }
}

/** Somebody else chose the password: the person chooses one now. */
async function ownPassword(io: Io): Promise<string> {
  const given = io.env['COUNTERSIGN_NEW_PASSWORD']
  if (given !== undefined) return given
  const instead = 'COUNTERSIGN_NEW_PASSWORD'
  const text = 'Your password was chosen by somebody else. Your own, 12 characters at least, letters and digits: '
  const password = await asked(io, { text, hidden: true, instead })
  if ((await asked(io, { text: 'Again: ', hidden: true, instead })) !== password)
    throw new RefusedError('the two passwords differ')
  return password
}

/** A password or a token goes over TLS, or not beyond this machine. */
function serverUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new UsageError('URL is the address of the server, e.g. https://countersign.example.com')
  const local = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)
  if (url.protocol === 'http:' && !local)
    throw new RefusedError('a password is sent over https only; plain http is for this machine')
  return url.origin
}
