import { asked, COMMON, parsed, PROFILE, RefusedError, running, UsageError } from './command.ts'
import { createClient, NET } from './client.ts'
import type { Net } from './client.ts'
import type { ExitCode, Io } from './io.ts'
import { profileName, profilePath, saveProfile } from './profile.ts'
import { terminalLine } from './terminal.ts'

const USAGE = 'login URL [--person NAME] [--profile NAME] [--json]'

/** `login URL`: asks for name, password and code and keeps the token. Scripts give --person, COUNTERSIGN_PASSWORD and COUNTERSIGN_CODE. */
export function run(argv: readonly string[], io: Io, net: Net = NET): Promise<ExitCode> {
  return running({ usage: USAGE, argv, io }, async () => {
    const { values, positionals } = parsed(argv, {
      options: { ...COMMON, ...PROFILE, person: { type: 'string' } },
      words: { least: 1, most: 1 },
    })
    const url = serverUrl(positionals[0] ?? '')
    const file = profilePath(profileName(values.profile, io.env), io.env)
    const person = values.person ?? (await asked(io, { text: 'Name: ', hidden: false, instead: '--person' }))
    const password =
      io.env['COUNTERSIGN_PASSWORD'] ??
      (await asked(io, { text: 'Password: ', hidden: true, instead: 'COUNTERSIGN_PASSWORD' }))
    const totp =
      io.env['COUNTERSIGN_CODE'] ??
      (await asked(io, { text: 'One-time code: ', hidden: false, instead: 'COUNTERSIGN_CODE' }))
    const done = await createClient({ url, token: undefined, fetch: net.fetch }).login({ person, password, totp })
    await saveProfile(file, { url, person: done.person, token: done.token, expiresAt: done.expiresAt })
    const told = { person: done.person, roles: done.roles, expiresAt: done.expiresAt }
    io.out(
      values.json === true
        ? `${JSON.stringify(told)}\n`
        : terminalLine(`${done.person} is logged in (${done.roles.join(', ')})`) + '\n',
    )
    return 0
  })
}

/** A password goes over TLS, or not beyond this machine. */
function serverUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new UsageError('URL is the address of the server, e.g. https://countersign.example.com')
  const local = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)
  if (url.protocol === 'http:' && !local)
    throw new RefusedError('a password is sent over https only; plain http is for this machine')
  return url.origin
}
