import { MAX_REQUEST_REASON } from '../access/requests.ts'
import type { RequestView } from '../http/request-schemas.ts'
import { NET, profileClient } from './client.ts'
import type { Client, Net } from './client.ts'
import { asked, COMMON, parsed, PROFILE, RefusedError, running, UsageError } from './command.ts'
import { RIGHTS_WORDS } from '../model/rights.ts'
import { secondsOf } from './credential.ts'
import { rightsOf } from './rights.ts'
import type { ExitCode, Io } from './io.ts'
import { endOf, requestText } from './request-text.ts'
import { grantedOr, settled } from './request-wait.ts'
import { terminalLine } from './terminal.ts'

const USAGE = `request TARGET --for 30m --reason TEXT [--rights read|write|all] [--ticket ID] [--wait]
       | request approve ID [--for 15m] [--reason TEXT] [--code CODE]
       | request deny ID --reason TEXT [--code CODE] | request withdraw ID      [--profile NAME] [--json]
       | request        lists the targets that you may ask for`

const OPTIONS = {
  ...COMMON,
  ...PROFILE,
  for: { type: 'string' },
  reason: { type: 'string' },
  ticket: { type: 'string' },
  rights: { type: 'string' },
  code: { type: 'string' },
  wait: { type: 'boolean' },
} as const

/** `request TARGET`: asks for access. `request approve|deny|withdraw ID` answers it or takes it back. */
export function run(argv: readonly string[], io: Io, net: Net = NET): Promise<ExitCode> {
  return running({ usage: USAGE, argv, io }, async () => {
    const { values, positionals } = read(argv)
    const [word, id] = positionals
    if (word === undefined) return list({ values, io, net })
    if (id === undefined) return ask(word, { values, io, net })
    const act = Object.hasOwn(ACTS, word) ? ACTS[word] : undefined
    if (act === undefined) throw new UsageError(`"${word}" is none of ${Object.keys(ACTS).join(', ')}`)
    return act(id, { values, io, net })
  })
}

interface Given {
  readonly values: ReturnType<typeof read>['values']
  readonly io: Io
  readonly net: Net
}

const read = (argv: readonly string[]) => parsed(argv, { options: OPTIONS, words: { least: 0, most: 2 } })

const ACTS: Readonly<Record<string, (id: string, given: Given) => Promise<ExitCode>>> = { approve, deny, withdraw }

/** What one may ask for, and what of it one may reach already. */
async function list({ values, io, net }: Given): Promise<ExitCode> {
  const all = await (await profileClient(values.profile, io, net)).targets()
  const targets = all.filter(({ mayAsk, grantedUntil }) => mayAsk || grantedUntil !== null)
  if (values.json === true) {
    io.out(`${JSON.stringify({ targets })}\n`)
    return 0
  }
  if (targets.length === 0)
    io.err('there is no target that you may ask for; security writes the rules, and an admin gives roles\n')
  for (const one of targets) io.out(`${terminalLine(targetLine(one))}\n`)
  return 0
}

const targetLine = ({ name, protocol, tags, mayAsk, grantedUntil, grantedFor }: Target): string =>
  [
    [name.padEnd(20), protocol, ...(tags.length === 0 ? [] : [`(${tags.join(', ')})`])].join('  '),
    ...(grantedUntil === null ? [] : [`yours until ${grantedUntil}${narrower(grantedFor)}`]),
    ...(mayAsk ? [] : ['no rule would give it again']),
  ].join('; ')

const narrower = (rights: Target['grantedFor']): string =>
  rights === null || rights === 'all' ? '' : `, for ${RIGHTS_WORDS[rights]}`

type Target = Awaited<ReturnType<Client['targets']>>[number]

async function ask(target: string, { values, io, net }: Given): Promise<ExitCode> {
  if (Object.hasOwn(ACTS, target)) throw new UsageError(`request ${target} needs the ID of a request`)
  if (values.for === undefined) throw new UsageError('--for is needed, e.g. --for 30m')
  const reason = reasonOf(values.reason)
  const client = await profileClient(values.profile, io, net)
  const ticket = values.ticket === undefined ? {} : { ticket: values.ticket }
  const rights = values.rights === undefined ? {} : { rights: rightsOf(values.rights) }
  const request = await client.access.ask({ target, forMs: secondsOf(values.for) * 1000, reason, ...rights, ...ticket })
  const after = values.wait === true ? await settled(client, request, io) : request
  if (after.state === 'open') return told(after, `${after.id} is open; ${after.link}`, { values, io })
  return told(grantedOr(after), endOf(after), { values, io })
}

/** Shows all of it, then asks for the code. */
async function approve(id: string, { values, io, net }: Given): Promise<ExitCode> {
  if (!io.isTty && values.code === undefined) throw new UsageError('without a terminal, request approve needs --code')
  const forMs = values.for === undefined ? undefined : secondsOf(values.for) * 1000
  const client = await profileClient(values.profile, io, net)
  await shown(id, { client, values, io })
  const text = 'One-time code to approve exactly this (empty leaves it): '
  const factor = values.code ?? (await asked(io, { text, hidden: false, instead: '--code' }))
  if (factor === '') throw new RefusedError('left as it was')
  const reason = values.reason === undefined ? {} : { reason: values.reason }
  const after = await client.access.approve(id, { factor, ...reason, ...(forMs === undefined ? {} : { forMs }) })
  const words = after.state === 'open' ? 'approved by you; it needs more' : after.state
  return told(after, `${id} is ${words}`, { values, io })
}

async function deny(id: string, { values, io, net }: Given): Promise<ExitCode> {
  const reason = reasonOf(values.reason)
  const client = await profileClient(values.profile, io, net)
  await shown(id, { client, values, io })
  const text = 'One-time code to deny this: '
  const factor = values.code ?? (await asked(io, { text, hidden: false, instead: '--code' }))
  const after = await client.access.deny(id, { factor, reason })
  return told(after, `${id} is ${after.state}`, { values, io })
}

async function withdraw(id: string, { values, io, net }: Given): Promise<ExitCode> {
  const client = await profileClient(values.profile, io, net)
  const after = await client.access.withdraw(id)
  return told(after, `${id} is ${after.state}`, { values, io })
}

async function shown(
  id: string,
  { client, values, io }: Pick<Given, 'values' | 'io'> & { readonly client: Client },
): Promise<void> {
  const request = await client.access.find(id)
  if (values.json !== true) io.out(requestText(request))
  if (request.state !== 'open')
    throw new RefusedError(`it is ${request.state}`, { code: 'settled', state: request.state })
}

function told(request: RequestView, words: string, { values, io }: Pick<Given, 'values' | 'io'>): ExitCode {
  io.out(values.json === true ? `${JSON.stringify(request)}\n` : `${terminalLine(words)}\n`)
  return 0
}

function reasonOf(text: string | undefined): string {
  if (text === undefined || text.trim() === '') throw new UsageError('--reason is needed; others read it')
  if (text.length > MAX_REQUEST_REASON)
    throw new UsageError(`--reason is at most ${MAX_REQUEST_REASON} characters; a ticket is the place for more`)
  return text
}
