import { isIP } from 'node:net'
import { z } from 'zod'
import { isName } from '../model/ids.ts'
import { map, oneOf, unknownWord, wants } from '../std/shape.ts'
import { isLoopback } from './address.ts'
import { NAME_FORM } from './floors.ts'
import { filePath, secretRef, type Surroundings } from './secret-ref.ts'

const KINDS = ['webhook', 'slack', 'teams', 'email'] as const
export type ChannelKind = (typeof KINDS)[number]

const Name = z.string({ error: wants('a name') }).refine(isName, { error: NAME_FORM })

/** An address that is posted to; its form alone is looked at. */
export const httpUrl = (what: string) =>
  z.string({ error: wants(what) }).transform((text, issues) => {
    const url = asUrl(text)
    if (url !== undefined) return url
    issues.addIssue({ code: 'custom', message: `must be ${what}, without a user, a password or a fragment` })
    return z.NEVER
  })

function asUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const plain = url?.username === '' && url.password === '' && url.hash === ''
  return url !== undefined && plain && ['http:', 'https:'].includes(url.protocol) ? url : undefined
}

/** The address of a chat's hook. Whoever has it may post there, so it is a secret; a problem never quotes it. */
const secretUrl = (around: Surroundings) =>
  secretRef(around).transform((secret, issues) => {
    const url = asUrl(secret.reveal().trim())
    if (url !== undefined && (url.protocol === 'https:' || isLoopback(url.hostname))) return url
    issues.addIssue({
      code: 'custom',
      message: 'must lead to an https address, without a user, a password or a fragment',
    })
    return z.NEVER
  })

// Plain addresses only: no display name, no list, no comment, no quoted part, nothing that could begin another header.
const ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/
const MailAddress = z
  .string({ error: wants('a mail address, e.g. countersign@example.com') })
  .regex(ADDRESS, { error: 'must be one plain mail address, e.g. countersign@example.com' })

const isHost = (text: string): boolean => isIP(text) === 6 || /^[A-Za-z0-9._-]{1,253}$/.test(text)

const Host = z
  .string({ error: wants('the name of the mail server') })
  .refine(isHost, { error: 'must be the name or the address of the mail server, without a port' })

const smtp = (around: Surroundings) =>
  map({
    host: Host,
    port: z
      .int({ error: wants('a port') })
      .min(1, { error: 'must be a port' })
      .max(65_535, { error: 'must be a port' })
      .default(587),
    tls: oneOf(['starttls', 'implicit', 'off']).default('starttls'),
    ca: filePath(around).optional(),
    user: z
      .string({ error: wants('the account at the mail server') })
      .min(1, { error: 'must not be empty' })
      .optional(),
    password: secretRef(around).optional(),
  }).refine(({ user, password }) => (user === undefined) === (password === undefined), {
    error: 'needs both user and password, or neither',
  })

/** One entry of `notify`, by its kind. */
export const channel = (around: Surroundings) =>
  z.discriminatedUnion(
    'kind',
    [
      map({ name: Name, kind: z.literal('webhook'), url: httpUrl('an https address'), secret: secretRef(around) }),
      map({ name: Name, kind: z.literal('slack'), url: secretUrl(around) }),
      map({ name: Name, kind: z.literal('teams'), url: secretUrl(around) }),
      map({
        name: Name,
        kind: z.literal('email'),
        smtp: smtp(around),
        from: MailAddress,
        to: z
          .array(MailAddress, { error: wants('a list of mail addresses') })
          .min(1, { error: 'must name at least one address' })
          .max(20, { error: 'must name at most 20 addresses' }),
      }),
    ],
    { error: (issue) => kindFault(issue.input) },
  )
export type ChannelConfig = z.output<ReturnType<typeof channel>>

function kindFault(input: unknown): string {
  const kind = typeof input === 'object' && input !== null && 'kind' in input ? input.kind : undefined
  if (typeof kind !== 'string') return wants(`a channel with a kind, one of ${KINDS.join(', ')}`)({ input: kind })
  return `${unknownWord(kind, KINDS)} Known: ${KINDS.join(', ')}`
}

const EgressHost = z
  .string({ error: wants('the name or address of a host') })
  .refine(isHost, { error: 'must be the name or the address of a host, without a scheme or a port' })
  .transform((host) => host.toLowerCase())

/** Where this node may connect to of its own accord, besides its targets and what `notify` names. */
export const Egress = map({
  hosts: z.array(EgressHost, { error: wants('a list of hosts') }).default([]),
  /** Private addresses as well; link-local ones and those of clouds' metadata services never. */
  allowPrivate: z.boolean({ error: wants('true or false') }).default(false),
})
