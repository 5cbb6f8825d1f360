import { z } from 'zod'
import { PROTOCOLS } from '../model/target.ts'
import { map, oneOf, wants } from '../std/shape.ts'
import { parseAddress } from './address.ts'
import { channel, Egress, httpUrl } from './channel.ts'
import { BreakGlass } from './break-glass.ts'
import { boundedDuration, Limits } from './limits.ts'
import { oidc } from './oidc.ts'
import { filePath, folderPath, keyPath, secretRef, type Surroundings } from './secret-ref.ts'
import { SshListener, sshTargetKeys } from './ssh-target.ts'

const address = (what: string, leastPort: number) =>
  z.string({ error: wants(what) }).transform((text, issues) => {
    const found = parseAddress(text)
    if (found !== undefined && found.port >= leastPort) return found
    issues.addIssue({ code: 'custom', message: `must be ${what}` })
    return z.NEVER
  })

/** How the hop to an upstream is protected; paths are absolute. Without `ca` the system's trust anchors count. */
export type UpstreamTls =
  | { readonly mode: 'off' }
  | {
      readonly mode: 'verify-full'
      readonly ca?: string | undefined
      readonly cert?: string | undefined
      readonly key?: string | undefined
    }

const UPSTREAM_TLS = 'verify-full, { ca: PATH }, { ca: PATH, cert: PATH, key: PATH }, or off on loopback'

/** How the hop to an upstream is protected. Without `ca` the system's trust anchors count; the host name is always verified. */
const upstreamTls = (around: Surroundings) => {
  const files = map({
    ca: filePath(around).optional(),
    cert: filePath(around).optional(),
    key: keyPath(around).optional(),
  })
  // Not a union, which would say no more than that nothing fitted.
  return z.unknown().transform((value, issues): UpstreamTls => {
    if (value === 'off') return { mode: 'off' }
    if (value === 'verify-full') return { mode: 'verify-full' }
    const read = files.safeParse(value)
    if (read.success) return { mode: 'verify-full', ...read.data }
    if (typeof value === 'object' && value !== null)
      for (const issue of read.error.issues) issues.addIssue({ ...issue })
    else issues.addIssue({ code: 'custom', message: `must be ${UPSTREAM_TLS}` })
    return z.NEVER
  })
}

/** What every target has, whatever it speaks. */
const targetKeys = () => ({
  tags: z
    .array(
      z
        .string({ error: wants('a tag') })
        .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, { error: 'must be 1 to 32 characters of a-z, 0-9 and hyphen' }),
      {
        error: wants('a list of tags, e.g. [cde]'),
      },
    )
    .default([]),
  /** No grant by request lasts longer; access rules may say less. */
  longestGrant: boundedDuration('1m', '8h').optional(),
  breakGlass: BreakGlass.optional(),
})

const postgresTarget = (around: Surroundings) =>
  map({
    protocol: z.literal('postgres'),
    address: address('host:port, e.g. db.internal:5432', 1),
    database: z.string({ error: wants('the name of a database') }).min(1, { error: 'must not be empty' }),
    user: z.string({ error: wants("the upstream's own account") }).min(1, { error: 'must not be empty' }),
    password: secretRef(around).optional(),
    tls: upstreamTls(around).default({ mode: 'verify-full' }),
    ...targetKeys(),
  })

const sshTarget = (around: Surroundings) =>
  map({
    protocol: z.literal('ssh'),
    address: address('host:port, e.g. web-1.internal:22', 1),
    ...sshTargetKeys(around),
    ...targetKeys(),
  })

/** The protocol says which other keys there are; of a target whose protocol is not known, what all of them have is checked all the same. */
const target = (around: Surroundings) => {
  const [postgres, ssh, shared] = [postgresTarget(around), sshTarget(around), anyTarget(around)]
  return z.unknown().transform((value, issues): z.output<typeof postgres> | z.output<typeof ssh> => {
    const protocol = PROTOCOLS.find((one) => one === protocolOf(value))
    const read = protocol === 'ssh' ? ssh.safeParse(value) : postgres.safeParse(value)
    if (read.success) return read.data
    const { error } = protocol === undefined ? shared.safeParse(value) : read
    for (const issue of error?.issues ?? []) issues.addIssue({ ...issue })
    return z.NEVER
  })
}

const anyTarget = (around: Surroundings) =>
  z.looseObject(
    {
      protocol: oneOf(PROTOCOLS),
      address: address('host:port, e.g. db.internal:5432', 1),
      user: z.string({ error: wants("the upstream's own account") }),
      password: secretRef(around).optional(),
      ...targetKeys(),
    },
    { error: wants('a map with protocol, address, user and what that protocol needs') },
  )

const protocolOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'protocol' in value ? value.protocol : undefined

/** `countersign.yaml`, key by key. What one key says of another is in `floors.ts`. */
export const configFile = (around: Surroundings) =>
  map({
    publicUrl: httpUrl('the address that links point to, e.g. https://countersign.example.com'),
    listen: map({
      /** Each where a target speaks it; `floors.ts` says so where one is missing. */
      postgres: address('host:port, e.g. 127.0.0.1:6432', 0).optional(),
      ssh: address('host:port, e.g. 127.0.0.1:6022', 0).optional(),
      http: address('host:port, e.g. 127.0.0.1:8080', 0),
    }),
    tls: map({ cert: filePath(around), key: keyPath(around) }).optional(),
    ssh: SshListener(around).prefault({}),
    data: folderPath(around).prefault('./data'),
    policies: folderPath(around).prefault('./policies'),
    targets: z
      .record(z.string(), target(around), { error: wants('a map of targets') })
      .refine((targets) => Object.keys(targets).length > 0, { error: 'is empty; name at least one target' }),
    notify: z.array(channel(around), { error: wants('a list of channels') }).default([]),
    egress: Egress.prefault({}),
    oidc: oidc(around).optional(),
    limits: Limits.prefault({}),
  })
export type ConfigFile = z.output<ReturnType<typeof configFile>>
