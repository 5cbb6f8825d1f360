import { z } from 'zod'
import { ROLES } from '../model/principal.ts'
import { map, oneOf, wants } from '../std/shape.ts'
import { AccessRule, OnCall } from './access-entry.ts'
import { celFault } from './cel.ts'
import { SomeExamples } from './example.ts'
import { Duration, Id, Sentence } from './forms.ts'
import { Given } from './given.ts'
import { MaskEntry } from './mask-entry.ts'
import { aboutOf } from './match.ts'
import { COPIES, DIRECTIONS, EFFECTS, KINDS, OPERATIONS, OUTPUTS, PROTOCOLS, TRANSFERS, VERBS } from './vocabulary.ts'
import { anyWord, dottedName, fromList, portNumber, wanted } from './wanted.ts'

/** Most rows of one result that a pack may ask to keep. */
export const MAX_RECORDED_ROWS = 10_000

const Flag = z.boolean({ error: wants('true or false') })

/** Every key must match; see `Wanted` for what a value may be. `when` is CEL over the same facts. */
const Match = map({
  kind: wanted(fromList(KINDS)).optional(),
  verb: wanted(fromList(VERBS)).optional(),
  effect: wanted(fromList(EFFECTS)).optional(),
  table: wanted(dottedName(2)).optional(),
  reads: wanted(dottedName(2)).optional(),
  writes: wanted(dottedName(2)).optional(),
  column: wanted(dottedName(3)).optional(),
  class: wanted(anyWord).optional(),
  probes: wanted(anyWord).optional(),
  function: wanted(dottedName(2)).optional(),
  setting: wanted(anyWord).optional(),
  copy: wanted(fromList(COPIES)).optional(),
  output: wanted(fromList(OUTPUTS)).optional(),
  complete: Flag.optional(),
  filtered: Flag.optional(),
  program: wanted(anyWord).optional(),
  /** Any one argument as it is written, options included. */
  argument: wanted(anyWord).optional(),
  /** Options one by one: `-r` is found in `-rf`. */
  option: wanted(anyWord).optional(),
  /** Programs that run the command: sudo, env, xargs. */
  via: wanted(anyWord).optional(),
  runs_as: wanted(anyWord).optional(),
  /** Absolute paths; `*` passes over slashes. */
  path: wanted(anyWord).optional(),
  reads_path: wanted(anyWord).optional(),
  writes_path: wanted(anyWord).optional(),
  operation: wanted(fromList(OPERATIONS)).optional(),
  by: wanted(fromList(TRANSFERS)).optional(),
  direction: wanted(fromList(DIRECTIONS)).optional(),
  host: wanted(anyWord).optional(),
  port: wanted(portNumber).optional(),
  protocol: wanted(fromList(PROTOCOLS)).optional(),
  tag: wanted(anyWord).optional(),
  target: wanted(anyWord).optional(),
  person: wanted(anyWord).optional(),
  role: wanted(fromList(ROLES)).optional(),
  service: Flag.optional(),
  when: z
    .string({ error: wants('a CEL expression') })
    .superRefine((text, issues) => {
      const fault = celFault(text)
      if (fault !== undefined) issues.addIssue({ code: 'custom', message: fault })
    })
    .optional(),
})
export type Match = z.output<typeof Match>

// Where a key is misspelt, that is what there is to say.
const whole = ({ issues }: { readonly issues: readonly unknown[] }): boolean => issues.length === 0

const CheckedMatch = Match.refine((match) => Object.keys(match).length > 0, {
  error: 'is empty and would match everything; name at least one fact',
  when: whole,
}).refine((match) => Object.values(aboutOf(match)).some((holds) => holds), {
  error: 'names facts of SQL beside facts of what is done over SSH; no statement has both',
  when: whole,
})

const ChannelNames = z.array(z.string({ error: wants('the name of a channel') }), {
  error: wants('a list of channels'),
})

/** Who is asked as well once nobody has answered for a while. */
const Step = map({
  after: Duration.refine((ms) => ms >= 1_000, { error: 'must be at least 1s' }),
  from: z
    .array(oneOf(ROLES), { error: wants('a list of roles, e.g. [security]') })
    .min(1, { error: 'must name a role' }),
  notify: ChannelNames.default([]),
})

const Steps = z
  .array(Step, { error: wants('a list of steps, e.g. [{ after: 10m, from: [security] }]') })
  .max(9, { error: 'must be at most 9 steps' })
  .refine((steps) => steps.every(({ after }, at) => after > (steps[at - 1]?.after ?? 0)), {
    error: 'must be in the order of time, each step later than the one before it',
  })

const Approvals = map({
  from: z
    .array(oneOf(ROLES), { error: wants('a list of roles, e.g. [approver]') })
    .min(1, { error: 'must name a role' })
    .default(['approver']),
  need: z
    .int({ error: wants('a whole number from 1 to 9') })
    .min(1, { error: 'must be at least 1' })
    .max(9, { error: 'must be at most 9' })
    .default(1),
  within: Duration.refine((ms) => ms >= 1_000 && ms <= 86_400_000, { error: 'must be between 1s and 24h' }).default(
    900_000,
  ),
  notify: ChannelNames.default([]),
  then: Steps.default([]),
  /** Nobody counts whom the requester approved something for within this time. */
  notReciprocal: Duration.refine((ms) => ms >= 60_000 && ms <= 30 * 86_400_000, {
    error: 'must be between 1m and 30d',
  }).optional(),
}).refine(({ then, within }) => then.every(({ after }) => after < within), {
  path: ['then'],
  error: 'comes too late: a step must come before `within` has passed',
})
export type Approvals = z.output<typeof Approvals>

const Recorded = map({
  rows: z
    .int({ error: wants('a number of rows') })
    .min(1, { error: 'must be at least 1; leave record out to keep a count only' })
    .max(MAX_RECORDED_ROWS, { error: `must be at most ${MAX_RECORDED_ROWS}` }),
})

const Rule = map({
  id: Id,
  description: Sentence,
  severity: oneOf(['low', 'medium', 'high', 'critical']),
  effect: oneOf(['allow', 'hold', 'deny']),
  message: Sentence.optional(),
  match: CheckedMatch,
  approvals: Approvals.optional(),
  record: Recorded.optional(),
  examples: map({ catches: SomeExamples, spares: SomeExamples }),
})
  .refine(
    ...onlyOn(
      'approvals',
      (rule) => rule.effect === 'hold' || rule.approvals === undefined,
      'only a rule with effect: hold asks for approvals',
    ),
  )
  .refine(
    ...onlyOn(
      'message',
      (rule) => rule.effect === 'allow' || rule.message !== undefined,
      'is missing; write what the person whose statement is held or refused should read',
    ),
  )
export type Rule = z.output<typeof Rule>

/** The whole file. */
export const PackFile = map({
  name: Id.refine((name) => name !== 'floor', {
    error: 'must not be "floor", which names the rules that no pack can lower',
  }),
  description: Sentence.optional(),
  given: Given.optional(),
  record: Recorded.optional(),
  /** Lists of people that access rules name. */
  oncall: OnCall.default({}),
  rules: z.array(Rule, { error: wants('a list of rules') }).default([]),
  masks: z.array(MaskEntry, { error: wants('a list of masks') }).default([]),
  access: z.array(AccessRule, { error: wants('a list of access rules') }).default([]),
})
export type PackFile = z.output<typeof PackFile>

type Loose = Readonly<Partial<Record<'effect' | 'approvals' | 'message', unknown>>>

interface Refinement {
  readonly path: PropertyKey[]
  readonly error: string
  readonly when: (payload: { readonly value: unknown }) => boolean
}

// Runs even where other keys of the rule are wrong, so that everything that is wrong is said at once.
function onlyOn(key: string, holds: (rule: Loose) => boolean, error: string): [(rule: Loose) => boolean, Refinement] {
  return [holds, { path: [key], error, when: ({ value }) => typeof value === 'object' && value !== null }]
}
