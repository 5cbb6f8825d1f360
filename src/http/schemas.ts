import { z } from 'zod'
import { LASTING_SCOPES, STOP_SCOPES } from '../access/stops.ts'
import { ROLES } from '../model/principal.ts'
import { RIGHTS } from '../model/rights.ts'
import { APPROVAL_STATES } from '../approvals/approval.ts'
import { Code, Factor } from './factor.ts'
import { DeliveryView } from './delivery-view.ts'
import { Content, Period } from './evidence-schemas.ts'
import { Surroundings } from './surroundings-schema.ts'
import { MARK_KINDS } from './visible.ts'

/** RFC 3339 in UTC. */
const Time = z.string()
const Name = z
  .string()
  .regex(/^[a-z0-9._-]{1,32}$/, 'must be 1 to 32 characters of a-z, 0-9, dot, underscore and hyphen')
const Digest = z.string().regex(/^[A-Za-z0-9_:+/=-]{16,128}$/, 'must be the digest as it was shown')

/** Longest time that a credential may be asked for, in seconds; the grant may end it earlier. */
const MAX_CREDENTIAL_SECONDS = 12 * 3600
/** A program cannot prove itself anew: its owner gives it another one within this time. */
const MAX_SERVICE_SECONDS = 90 * 24 * 3600

export const LoginBody = z.strictObject({
  person: z.string().min(1).max(64),
  password: z.string().min(1).max(1024),
  totp: Code,
  /** One's own, where somebody else chose the password. */
  newPassword: z.string().min(1).max(1024).optional(),
})
export const ApproveBody = z.strictObject({ digest: Digest, factor: Factor })
export const DenyBody = z.strictObject({ digest: Digest, reason: z.string().trim().min(1).max(500), factor: Factor })
export const EmptyBody = z.strictObject({})
/** `service`: for an account of a program that you own, which takes a fresh factor of yours. */
export const MintBody = z
  .strictObject({
    target: Name,
    forSeconds: z.int().min(60).max(MAX_SERVICE_SECONDS),
    service: Name.optional(),
    factor: Factor.optional(),
  })
  .refine(({ service, forSeconds }) => service !== undefined || forSeconds <= MAX_CREDENTIAL_SECONDS, {
    path: ['forSeconds'],
    error: 'must be at most twelve hours',
  })
  .refine(({ service, factor }) => (service === undefined) === (factor === undefined), {
    path: ['factor'],
    error: 'goes with service, and service with it',
  })
export const TerminateBody = z.strictObject({ reason: z.string().trim().min(1).max(500) })
/** `name` is a session, a person or a target, and absent for everything. */
export const StopBody = z.strictObject({
  scope: z.enum(STOP_SCOPES),
  name: Name.optional(),
  reason: z.string().trim().min(1).max(500),
  factor: Factor,
})
export const ResumeBody = z.strictObject({ ...StopBody.shape, scope: z.enum(LASTING_SCOPES) })
export const ApprovalsQuery = z.strictObject({ state: z.enum(APPROVAL_STATES).optional() })
export const SessionsQuery = z.strictObject({
  person: Name.optional(),
  target: Name.optional(),
  state: z.enum(['open', 'closed']).optional(),
  /** With any of the content's parts: sessions that hold a statement which fits them all. */
  ...Content,
  ...Period,
  limit: z.coerce.number().int().min(1).max(500).default(100),
  /** `next` of the page before. */
  cursor: z
    .string()
    .regex(/^s_[0-9a-z]{20}$/)
    .optional(),
})
export const EventsQuery = z.strictObject({
  from: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
})

export const LoginAnswer = z.object({
  token: z.string(),
  expiresAt: Time,
  person: z.string(),
  roles: z.array(z.enum(ROLES)),
})
export const Me = z.object({ person: z.string(), roles: z.array(z.enum(ROLES)) })
export const Targets = z.object({
  targets: z.array(
    z.object({
      name: z.string(),
      protocol: z.string(),
      database: z.string(),
      tags: z.array(z.string()),
      /** Whether access rules leave you a way to it: at once, or by asking somebody. */
      mayAsk: z.boolean(),
      /** What a new session of yours would stand on; null where you have no live grant. */
      grantedUntil: Time.nullable(),
      grantedFor: z.enum(RIGHTS).nullable(),
    }),
  ),
})
export const People = z.object({
  people: z.array(
    z.object({
      person: z.string(),
      roles: z.array(z.enum(ROLES)),
      service: z.boolean(),
      owner: z.string().nullable(),
      disabled: z.boolean(),
    }),
  ),
})

/** `person` is you, or a program of yours. */
const Credential = z.object({
  id: z.string(),
  person: z.string(),
  target: z.string(),
  createdAt: Time,
  expiresAt: Time,
})
export const Credentials = z.object({ credentials: z.array(Credential) })
/** The secret and the DSN are shown here and never again. */
export const Minted = z.object({ ...Credential.shape, login: z.string(), secret: z.string(), dsn: z.string() })
export const Done = z.object({ done: z.literal(true) })

const Match = z.object({ rule: z.string(), effect: z.string(), severity: z.string(), message: z.string() })
const DecisionMade = z.object({
  person: z.string(),
  kind: z.enum(['approve', 'deny', 'break-glass']),
  reason: z.string().nullable(),
  at: Time,
})
/** What a list shows of an approval: no full text, literals withheld. */
export const ApprovalSummary = z.object({
  id: z.string(),
  state: z.enum(APPROVAL_STATES),
  person: z.string(),
  target: z.string(),
  session: z.string(),
  digest: z.string(),
  statement: z.string(),
  rules: z.array(Match),
  needs: z.array(
    z.object({
      rule: z.string(),
      from: z.array(z.string()),
      need: z.number(),
      /** Who is asked as well, from when on. */
      then: z.array(z.object({ at: Time, from: z.array(z.string()) })),
    }),
  ),
  decisions: z.array(DecisionMade),
  /** How it ended, and for `unknown` how to find out what became of the statement. */
  ended: z.object({ at: Time, by: z.string().nullable(), reason: z.string().nullable() }).nullable(),
  detail: z.string().nullable(),
  createdAt: Time,
  expiresAt: Time,
  link: z.string(),
})
export const Approvals = z.object({ approvals: z.array(ApprovalSummary) })

const Piece = z.union([
  z.string(),
  z.object({ mark: z.enum(MARK_KINDS), code: z.string(), count: z.number(), label: z.string() }),
])
const Relation = z.object({
  name: z.string(),
  kind: z.string(),
  classes: z.array(z.string()),
  via: z.string().nullable(),
})
export const ShownFacts = z.object({
  verb: z.string(),
  verbs: z.array(z.string()),
  effects: z.array(z.string()),
  reads: z.array(Relation),
  writes: z.array(Relation),
  /** Columns that it names or touches in any other way, table by table, with what the masks call them. */
  columns: z.array(z.object({ table: z.string(), column: z.string(), classes: z.array(z.string()) })),
  functions: z.array(z.object({ name: z.string(), builtin: z.boolean() })),
  settings: z.array(z.string()),
  classes: z.array(z.string()),
  filtered: z.boolean(),
  complete: z.boolean(),
  gaps: z.array(z.string()),
  /** How many rows the planner expects it to reach, or why nobody can say; null where it was not asked. */
  estimate: z.object({ rows: z.number().nullable(), why: z.string().nullable() }).nullable(),
})
/** What one command of a line, one request of a file transfer, a forward or an open shell does. */
export const ShownAction = z.object({
  kind: z.enum(['command', 'shell', 'file', 'forward']),
  /** What a person would call it: the program's name, above all. */
  title: z.string(),
  effects: z.array(z.string()),
  options: z.array(z.string()),
  paths: z.array(z.object({ path: z.string(), does: z.string() })),
  /** Programs that run it, outermost first. */
  through: z.array(z.string()),
  /** The account that it runs as, where that is another one. */
  account: z.string().nullable(),
  readsFrom: z.array(z.string()),
  writesTo: z.array(z.string()),
  background: z.boolean(),
  complete: z.boolean(),
  gaps: z.array(z.string()),
})
/** Where and how a command line runs. */
export const ShownPlace = z.object({
  /** Null where it is the account's first directory. */
  directory: z.array(Piece).nullable(),
  environment: z.array(z.object({ name: z.string(), value: z.array(Piece) })),
  terminal: z.boolean(),
})
export const ShownStatement = z.object({
  text: z.array(Piece),
  warnings: z.array(z.enum(MARK_KINDS)),
  parameters: z.array(z.object({ number: z.number(), type: z.number(), value: z.array(Piece).nullable() })),
  /** For each statement of a SQL text. */
  facts: z.array(ShownFacts),
  /** For each command of a line, or the one thing that is asked for over SSH. */
  actions: z.array(ShownAction),
  /** Only of a command line. */
  place: ShownPlace.nullable(),
})
/** The approver's whole view while the approval is open; `shown` is null afterwards, and where the text is too much for a person. */
export const ApprovalDetail = z.object({
  ...ApprovalSummary.shape,
  shown: z
    .object({
      database: z.string(),
      account: z.string(),
      searchPath: z.array(z.string()).nullable(),
      transaction: z.enum(['idle', 'open', 'failed']),
      statements: z.array(ShownStatement),
      /** What the requester may do, and by which right they are here. */
      roles: z.array(z.string()),
      grant: z
        .object({
          id: z.string(),
          rights: z.enum(RIGHTS),
          by: z.string(),
          reason: z.string(),
          ticket: z.string().nullable(),
          expiresAt: Time,
        })
        .nullable(),
      /** The open transaction before it, and since when its locks may be held. */
      soFar: z.object({ statements: z.number(), since: Time }).nullable(),
    })
    .nullable(),
  /** Whether this very person could decide it now. */
  mayDecide: z.boolean(),
})

/** The same with what became of the messages about it. */
export const ApprovalWithDeliveries = z.object({
  ...ApprovalDetail.shape,
  ...Surroundings.shape,
  deliveries: z.array(DeliveryView),
})

export const SessionView = z.object({
  id: z.string(),
  person: z.string(),
  target: z.string(),
  protocol: z.string(),
  address: z.string(),
  state: z.enum(['open', 'closed']),
  startedAt: Time,
  endedAt: Time.nullable(),
  statements: z.number(),
})
export const Sessions = z.object({ sessions: z.array(SessionView), next: z.string().nullable() })
export const SessionEvents = z.object({
  events: z.array(z.record(z.string(), z.unknown()).readonly()).readonly(),
  next: z.number().nullable(),
})
/** What an order of the kill switch ended. */
export const StopAnswer = z.object({
  scope: z.enum(STOP_SCOPES),
  name: z.string().nullable(),
  sessions: z.number(),
  holds: z.number(),
  grants: z.number(),
  credentials: z.number(),
})
export const Stops = z.object({
  stops: z.array(
    z.object({
      scope: z.enum(STOP_SCOPES),
      name: z.string().nullable(),
      by: z.string(),
      reason: z.string(),
      at: Time,
    }),
  ),
})
export const Health = z.object({
  status: z.enum(['ok', 'failing']),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string().optional() })),
})
