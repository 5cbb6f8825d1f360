import { z } from 'zod'
import { isName } from '../model/ids.ts'
import { ROLES, type Role } from '../model/principal.ts'
import { RIGHTS, type Rights } from '../model/rights.ts'
import { map, oneOf, wants } from '../std/shape.ts'
import { celOver } from './cel.ts'
import { Duration, Id, Sentence } from './forms.ts'
import { DAYS, isZone, parseDays, parseHours } from './hours.ts'
import { compilePattern } from './pattern.ts'
import { PROTOCOLS } from './vocabulary.ts'
import { anyWord, fromList, wanted } from './wanted.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/** The longest that any grant by request may last, in milliseconds, whatever rules say: a working day. */
export const LONGEST_MS = 8 * 60 * MINUTE_MS

/** How long people are asked where a rule does not say. */
export const WITHIN_MS = 60 * MINUTE_MS

/** `when:` of an access rule; `minutes` is how long access is wanted, `rights` what for, `oncall` the lists that the person is on, `ticket` empty where none was given. */
export const accessCel = celOver({
  person: 'string',
  roles: 'list<string>',
  target: 'string',
  protocol: 'string',
  tags: 'list<string>',
  ticket: 'string',
  rights: 'string',
  minutes: 'int',
  oncall: 'list<string>',
})

/** A text that `parse` turns into a value, or `what` to write instead. */
const parsedAs = <Value>(parse: (text: string) => Value | undefined, what: string) =>
  z.string({ error: wants(what) }).transform((text, issues) => {
    const value = parse(text)
    if (value !== undefined) return value
    issues.addIssue({ code: 'custom', message: `must be ${what}` })
    return z.NEVER
  })

const Days = z
  .array(parsedAs(parseDays, `a day or a range of days of ${DAYS.join(', ')}, e.g. mon-fri`), {
    error: wants('a list of days, e.g. [mon-fri]'),
  })
  .min(1, { error: 'must name a day' })

const Ticket = z
  .string({ error: wants("a pattern of the whole ticket, e.g. 'OPS-[0-9]+'") })
  .transform((text, issues) => {
    const compiled = compilePattern(text)
    if (typeof compiled !== 'string') return compiled
    issues.addIssue({ code: 'custom', message: compiled })
    return z.NEVER
  })

/** Every key must match; see `Wanted` for what a list means. `days` and `hours` are those of clocks in `zone`. */
const Match = map({
  role: wanted(fromList(ROLES)).optional(),
  person: wanted(anyWord).optional(),
  target: wanted(anyWord).optional(),
  tag: wanted(anyWord).optional(),
  protocol: wanted(fromList(PROTOCOLS)).optional(),
  days: Days.optional(),
  hours: parsedAs(parseHours, 'two times of a day, e.g. "08:00-18:00"').optional(),
  zone: parsedAs((zone) => (isZone(zone) ? zone : undefined), 'a time zone, e.g. Europe/Berlin or UTC').optional(),
  ticket: Ticket.optional(),
  rights: wanted(fromList(RIGHTS)).optional(),
  oncall: wanted(anyWord).optional(),
  when: z
    .string({ error: wants('a CEL expression') })
    .superRefine((text, issues) => {
      const fault = accessCel.fault(text)
      if (fault !== undefined) issues.addIssue({ code: 'custom', message: fault })
    })
    .optional(),
})
  .refine((match) => Object.keys(match).length > 0, {
    error: 'is empty and would match everything; name at least one fact',
    // Where the only key was misspelt, that is what there is to say.
    when: ({ issues }) => issues.length === 0,
  })
  .refine((match) => (match.days ?? match.hours) === undefined || match.zone !== undefined, {
    path: ['zone'],
    error: 'is missing; days and hours are those of a time zone, e.g. Europe/Berlin or UTC',
  })
  .refine((match) => match.zone === undefined || (match.days ?? match.hours) !== undefined, {
    path: ['zone'],
    error: 'says nothing without days or hours',
  })

const Channels = z.array(z.string({ error: wants('the name of a channel') }), { error: wants('a list of channels') })

const EscalationStep = map({
  after: Duration.refine((ms) => ms >= MINUTE_MS && ms <= DAY_MS, { error: 'must be between 1m and 24h' }),
  from: z.array(oneOf(ROLES), { error: wants('a list of roles, e.g. [security]') }).default([]),
  notify: Channels.default([]),
}).refine(({ from, notify }) => from.length > 0 || notify.length > 0, {
  path: ['notify'],
  error: 'is missing; name a channel, or more people to ask with `from`',
})
type EscalationStep = z.output<typeof EscalationStep>

const MOST_STEPS = 5

/** One step, or a list of them. */
const Escalate = z.unknown().transform((value, issues): readonly EscalationStep[] => {
  const isList = Array.isArray(value)
  const listed: readonly unknown[] = isList ? value : [value]
  if (listed.length === 0 || listed.length > MOST_STEPS)
    issues.addIssue({ code: 'custom', message: `must hold one to ${MOST_STEPS} steps` })
  const steps = listed.flatMap((one, at) => {
    const read = EscalationStep.safeParse(one)
    for (const { path, message } of read.error?.issues ?? [])
      issues.addIssue({ code: 'custom', path: isList ? [at, ...path] : path, message })
    return read.data ?? []
  })
  return steps.toSorted((a, b) => a.after - b.after)
})

const Stage = map({
  from: z
    .array(oneOf(ROLES), { error: wants('a list of roles, e.g. [approver]') })
    .min(1, { error: 'must name a role' })
    .default(['approver']),
  need: z
    .int({ error: wants('a whole number from 1 to 9') })
    .min(1, { error: 'must be at least 1' })
    .max(9, { error: 'must be at most 9' })
    .default(1),
  notify: Channels.default([]),
  escalate: Escalate.optional(),
})

const ExampleName = z
  .string({ error: wants('a name') })
  .refine(isName, { error: 'must be 1 to 32 characters of a-z, 0-9, dot, underscore and hyphen' })

const Instant = parsedAs(
  (text) => (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})$/.test(text) ? moment(text) : undefined),
  'an instant with its zone, e.g. "2026-03-02T10:00Z"',
)

function moment(text: string): number | undefined {
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : at
}

/** A wish; what is left out is an engineer without a ticket who wants everything for half an hour on a Wednesday at noon (UTC), and the pack's `given.tags`. */
export interface AccessExample {
  readonly person?: string | undefined
  readonly roles?: readonly Role[] | undefined
  readonly target?: string | undefined
  readonly tags?: readonly string[] | undefined
  readonly at?: number | undefined
  readonly for?: number | undefined
  readonly ticket?: string | undefined
  readonly rights?: Rights | undefined
}

const Example = map({
  person: ExampleName.optional(),
  roles: z.array(oneOf(ROLES), { error: wants('a list of roles') }).optional(),
  target: ExampleName.optional(),
  tags: z.array(z.string({ error: wants('a tag') }), { error: wants('a list of tags') }).optional(),
  at: Instant.optional(),
  for: Duration.optional(),
  ticket: z.string({ error: wants('a ticket') }).optional(),
  rights: oneOf(RIGHTS).optional(),
})

const Examples = z
  .array(Example, { error: wants('a list of wishes, e.g. [{ tags: [cde], for: 30m }]') })
  .min(1, { error: 'must hold at least one example' })

type Loose = Readonly<Partial<Record<'effect' | 'message' | 'stages' | 'within' | 'longest', unknown>>>

// Runs even where other keys of the rule are wrong, so that everything that is wrong is said at once.
const always = ({ value }: { readonly value: unknown }): boolean => typeof value === 'object' && value !== null

/** Who may have access to what, when and for how long: at once, after people said yes, or not at all. */
export const AccessRule = map({
  id: Id,
  description: Sentence,
  effect: oneOf(['grant', 'ask', 'refuse']),
  message: Sentence.optional(),
  match: Match,
  longest: Duration.refine((ms) => ms >= MINUTE_MS && ms <= LONGEST_MS, {
    error: 'must be between 1m and 8h',
  }).optional(),
  stages: z
    .array(Stage, { error: wants('a list of stages, e.g. [{ from: [approver], need: 1 }]') })
    .min(1, { error: 'must hold at least one stage' })
    .max(5, { error: 'must hold at most 5 stages' })
    .optional(),
  within: Duration.refine((ms) => ms >= MINUTE_MS && ms <= 7 * DAY_MS, {
    error: 'must be between 1m and 7d',
  }).optional(),
  examples: map({ catches: Examples, spares: Examples }),
})
  .refine((rule: Loose) => rule.effect === 'ask' || (rule.stages === undefined && rule.within === undefined), {
    path: ['stages'],
    error: 'only a rule with effect: ask has stages and within',
    when: always,
  })
  .refine((rule: Loose) => rule.effect === 'grant' || rule.message !== undefined, {
    path: ['message'],
    error: 'is missing; write what the person whose access is asked about or refused should read',
    when: always,
  })
  .refine((rule: Loose) => rule.effect !== 'refuse' || rule.longest === undefined, {
    path: ['longest'],
    error: 'a rule that refuses grants for no time at all',
    when: always,
  })
  .refine(
    ({ stages = [], within = WITHIN_MS }) =>
      stages.every(({ escalate = [] }) => escalate.every(({ after }) => after < within)),
    {
      path: ['stages'],
      error: 'escalates after the request has expired; let `after` be shorter than `within`',
    },
  )
export type AccessRule = z.output<typeof AccessRule>

/** `oncall: { NAME: [persons] }`. */
export const OnCall = z.record(Id, z.array(ExampleName, { error: wants('a list of people') }), {
  error: wants('a map of lists of people, e.g. { platform: [alice, bob] }'),
})
