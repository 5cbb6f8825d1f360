import { isName, personName, targetName } from '../model/ids.ts'
import type { PersonName, TargetName } from '../model/ids.ts'
import { ROLES } from '../model/principal.ts'
import type { Role } from '../model/principal.ts'
import { Secret } from '../std/secret.ts'
import { asked, COMMON, parsed, RefusedError, running, UsageError } from './command.ts'
import { secondsOf } from './credential.ts'
import type { ExitCode, Io, Run } from './io.ts'
import type {
  Account,
  AdminOutcome,
  LocalAdmin,
  NewAccount,
  NewFactor,
  OpenLocalAdmin,
  Waiting,
} from './local-admin-port.ts'
import { rightsOf } from './rights.ts'
import { terminalLine } from './terminal.ts'

const USAGE = `user add NAME --role ROLE… [--owner NAME] | user add NAME --service --owner NAME --target TARGET
       | user invite NAME --role ROLE… | user roles NAME --role ROLE…
       | user list | user disable NAME | user reset-mfa NAME | user grant NAME TARGET --for 8h --reason TEXT [--rights read|write|all]      [--config countersign.yaml] [--json]`

const OPTIONS = {
  ...COMMON,
  config: { type: 'string' },
  role: { type: 'string', multiple: true },
  roles: { type: 'string' },
  service: { type: 'boolean' },
  owner: { type: 'string' },
  target: { type: 'string' },
  for: { type: 'string' },
  reason: { type: 'string' },
  rights: { type: 'string' },
} as const

interface Given {
  readonly words: readonly string[]
  readonly values: ReturnType<typeof valuesOf>
  readonly io: Io
}

const valuesOf = (argv: readonly string[]) => parsed(argv, { options: OPTIONS, words: { least: 1, most: 3 } }).values

/** `user …`: accounts and grants, on the machine that has the data folder. */
export function createUserCommand(open: OpenLocalAdmin): Run {
  return (argv, io) =>
    running({ usage: USAGE, argv, io }, async () => {
      const { positionals } = parsed(argv, { options: OPTIONS, words: { least: 1, most: 3 } })
      const [verb = '', ...words] = positionals
      const action = Object.hasOwn(ACTIONS, verb) ? ACTIONS[verb] : undefined
      if (action === undefined) throw new UsageError(`"${verb}" is none of ${Object.keys(ACTIONS).join(', ')}`)
      if (words.length !== action.words)
        throw new UsageError(
          `user ${verb} takes ${action.words === 0 ? 'nothing' : `${action.words} word(s)`} beside options`,
        )
      const given = { words, values: valuesOf(argv), io }
      const act = await action.prepare(given)
      const admin = await open(given.values.config ?? 'countersign.yaml', io.env)
      try {
        return await act(admin)
      } finally {
        await admin.close()
      }
    })
}

/** `prepare` finds every mistake of usage, and asks what must be asked, before the data folder is opened. */
interface Action {
  readonly words: number
  prepare(given: Given): Promise<(admin: LocalAdmin) => Promise<ExitCode>>
}

const ACTIONS: Readonly<Record<string, Action>> = {
  add: { words: 1, prepare: add },
  invite: { words: 1, prepare: invite },
  roles: { words: 1, prepare: setRoles },
  list: { words: 0, prepare: (given) => Promise.resolve((admin) => list(admin, given)) },
  disable: { words: 1, prepare: disable },
  'reset-mfa': { words: 1, prepare: resetFactor },
  grant: { words: 2, prepare: grant },
}

async function add(given: Given): Promise<(admin: LocalAdmin) => Promise<ExitCode>> {
  const account = given.values.service === true ? serviceAccount(given) : await personAccount(given)
  return async (admin) => {
    const { factor, waits } = accepted(await admin.add(account))
    const first = account.kind === 'person' ? ['the password has to be changed at the first login'] : []
    told(given, {
      json: { person: account.name, ...factorJson(factor), ...waitsJson(waits) },
      lines: [`added ${account.name}`, ...factorLines(factor), ...first, ...waitsLines(waits)],
    })
    return 0
  }
}

function serviceAccount({ words, values }: Given): NewAccount {
  if (values.owner === undefined || values.target === undefined)
    throw new UsageError('a service account needs --owner and --target')
  if (values.role !== undefined) throw new UsageError('a service account has no --role')
  return { kind: 'service', name: person(words[0]), owner: person(values.owner), target: target(values.target) }
}

async function personAccount({ words, values, io }: Given): Promise<NewAccount> {
  if (values.target !== undefined) throw new UsageError('--target is for --service; use "user grant"')
  const roles = rolesOf(values)
  const owner = values.owner === undefined ? undefined : person(values.owner)
  return { kind: 'person', name: person(words[0]), roles, password: new Secret(await newPassword(io)), owner }
}

function rolesOf(values: Given['values']): readonly Role[] {
  const roles = [...(values.role ?? []), ...(values.roles ?? '').split(',').filter((text) => text !== '')].map(role)
  if (roles.length === 0) throw new UsageError(`--role is one or more of ${ROLES.join(', ')}`)
  return [...new Set(roles)]
}

function invite(given: Given): Promise<(admin: LocalAdmin) => Promise<ExitCode>> {
  const [name, roles] = [person(given.words[0]), rolesOf(given.values)]
  return Promise.resolve(async (admin) => {
    const { link, expiresAt, waits } = accepted(await admin.invite(name, roles))
    told(given, {
      json: { person: name, ...linkJson(link, expiresAt), ...waitsJson(waits) },
      lines: [...linkLines(name, link, expiresAt), ...waitsLines(waits)],
    })
    return 0
  })
}

function setRoles(given: Given): Promise<(admin: LocalAdmin) => Promise<ExitCode>> {
  const [name, roles] = [person(given.words[0]), rolesOf(given.values)]
  return Promise.resolve(async (admin) => {
    const { waits } = accepted(await admin.setRoles(name, roles))
    told(given, {
      json: { person: name, roles, ...waitsJson(waits) },
      lines: waits === undefined ? [`${name} is now ${roles.join(', ')}`] : waitsLines(waits),
    })
    return 0
  })
}

async function newPassword(io: Io): Promise<string> {
  const given = io.env['COUNTERSIGN_NEW_PASSWORD']
  if (given !== undefined) return given
  const instead = 'COUNTERSIGN_NEW_PASSWORD'
  const password = await asked(io, { text: 'New password: ', hidden: true, instead })
  if ((await asked(io, { text: 'Again: ', hidden: true, instead })) !== password)
    throw new RefusedError('the two passwords differ')
  return password
}

async function list(admin: LocalAdmin, given: Given): Promise<ExitCode> {
  const accounts = await admin.list()
  told(given, { json: accounts.map(accountJson), lines: accounts.map(accountLine) })
  return 0
}

function disable(given: Given): Promise<(admin: LocalAdmin) => Promise<ExitCode>> {
  const name = person(given.words[0])
  return Promise.resolve(async (admin) => {
    accepted(await admin.disable(name))
    told(given, { json: { person: name, disabled: true }, lines: [`disabled ${name}`] })
    return 0
  })
}

function resetFactor(given: Given): Promise<(admin: LocalAdmin) => Promise<ExitCode>> {
  const name = person(given.words[0])
  return Promise.resolve(async (admin) => {
    const reset = accepted(await admin.resetFactor(name))
    if (reset.kind === 'new')
      told(given, {
        json: { person: name, ...factorJson(reset.factor) },
        lines: [`${name} has a new second factor`, ...factorLines(reset.factor)],
      })
    else if (reset.kind === 'link')
      told(given, {
        json: { person: name, ...linkJson(reset.link, reset.expiresAt) },
        lines: linkLines(name, reset.link, reset.expiresAt),
      })
    else
      told(given, {
        json: { person: name, waits: { proposal: reset.proposal } },
        lines: [secondAdmin(`taking ${name}'s factors away`, reset.proposal)],
      })
    return 0
  })
}

function grant(given: Given): Promise<(admin: LocalAdmin) => Promise<ExitCode>> {
  const { values, words } = given
  if (values.for === undefined) throw new UsageError('--for is needed, e.g. --for 8h')
  const wanted = {
    person: person(words[0]),
    target: target(words[1]),
    forMs: secondsOf(values.for) * 1000,
    reason: values.reason ?? '',
    ...(values.rights !== undefined && { rights: rightsOf(values.rights) }),
  }
  return Promise.resolve(async (admin) => {
    const until = new Date(accepted(await admin.grant(wanted)).expiresAt).toISOString()
    told(given, {
      json: { person: wanted.person, target: wanted.target, expiresAt: until },
      lines: [`${wanted.person} may use ${wanted.target} until ${until}`],
    })
    return 0
  })
}

function accepted<Extra>(outcome: AdminOutcome<Extra>): { readonly ok: true } & Extra {
  if (!outcome.ok) throw new RefusedError(outcome.reason)
  return outcome
}

function told(
  { io, values }: Given,
  { json, lines }: { readonly json: unknown; readonly lines: readonly string[] },
): void {
  io.out(values.json === true ? `${JSON.stringify(json)}\n` : lines.map((line) => `${terminalLine(line)}\n`).join(''))
}

const secondAdmin = (what: string, proposal: string): string =>
  `${what} waits for a second admin, who confirms ${proposal} in the console`

const waitsJson = (waits: Waiting['waits']) => (waits === undefined ? {} : { waits })

const waitsLines = (waits: Waiting['waits']): readonly string[] =>
  waits === undefined ? [] : [secondAdmin(`giving the roles ${waits.roles.join(', ')}`, waits.proposal)]

const linkJson = (link: Secret, expiresAt: number) => ({
  link: link.reveal(),
  expiresAt: new Date(expiresAt).toISOString(),
})

const linkLines = (name: PersonName, link: Secret, expiresAt: number): readonly string[] => [
  `give this link to ${name} alone; it works once, until ${new Date(expiresAt).toISOString()}:`,
  `  ${link.reveal()}`,
]

const factorJson = (factor: NewFactor | undefined) =>
  factor === undefined ? {} : { secret: factor.secret.reveal(), uri: factor.uri.reveal() }

function factorLines(factor: NewFactor | undefined): readonly string[] {
  if (factor === undefined) return []
  return [
    'enter this in an authenticator app; it is shown once:',
    `  ${factor.secret.reveal()}`,
    `  ${factor.uri.reveal()}`,
  ]
}

const accountJson = (account: Account) => ({
  ...account,
  owner: account.owner ?? null,
  grants: account.grants.map((one) => ({ target: one.target, expiresAt: new Date(one.expiresAt).toISOString() })),
})

function accountLine({ person: name, roles, service, owner, disabled, grants }: Account): string {
  const kind = service ? `service of ${owner ?? '?'}` : roles.join(', ')
  const rights = grants.map((one) => `${one.target} until ${new Date(one.expiresAt).toISOString()}`).join(', ')
  return `${name.padEnd(16)}  ${disabled ? 'disabled' : 'enabled '}  ${kind}${rights === '' ? '' : `  [${rights}]`}`
}

function role(text: string): Role {
  const found = ROLES.find((one) => one === text)
  if (found === undefined) throw new UsageError(`"${text}" is none of ${ROLES.join(', ')}`)
  return found
}

const person = (text: string | undefined): PersonName => personName(named(text))
const target = (text: string | undefined): TargetName => targetName(named(text))

function named(text = ''): string {
  if (!isName(text))
    throw new UsageError(`"${text}" is no name: 1 to 32 characters of a-z, 0-9, dot, underscore and hyphen`)
  return text
}
