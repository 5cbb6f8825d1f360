import { z } from 'zod'
import { DURATION_FORM, parseDuration } from '../std/duration.ts'
import { map, wants } from '../std/shape.ts'
import { parseSize, SIZE_FORM } from './size.ts'

/** A duration of at least and at most so many milliseconds. */
export const boundedDuration = (least: string, most: string) =>
  z.string({ error: wants(DURATION_FORM) }).transform((text, issues) => {
    const ms = parseDuration(text)
    const fits = ms !== undefined && ms >= (parseDuration(least) ?? 0) && ms <= (parseDuration(most) ?? 0)
    if (!fits) issues.addIssue({ code: 'custom', message: `must be ${DURATION_FORM}, between ${least} and ${most}` })
    return ms ?? 0
  })

const duration = (least: string, most: string, standard: string) =>
  boundedDuration(least, most).default(parseDuration(standard) ?? 0)

const size = (least: number, most: number, standard: number) =>
  z
    .unknown()
    .transform((value, issues) => {
      const bytes = parseSize(value)
      const fits = bytes !== undefined && bytes >= least && bytes <= most
      if (!fits)
        issues.addIssue({ code: 'custom', message: `must be ${SIZE_FORM}, between ${least} and ${most} bytes` })
      return bytes ?? standard
    })
    .default(standard)

const count = (least: number, most: number, standard: number) =>
  z
    .int({ error: wants('a whole number') })
    .min(least, { error: `must be at least ${least}` })
    .max(most, { error: `must be at most ${most}` })
    .default(standard)

const KiB = 1024
const MiB = 1024 * KiB

/** Budgets of a node. Durations become milliseconds, sizes bytes. */
export const Limits = map({
  /** Longest text of one Query or Parse. PostgreSQL itself takes 1 GB, which is nothing that a person reviews or a parser reads in time. */
  maxStatementBytes: size(1 * KiB, 16 * MiB, 256 * KiB),
  /** What is read ahead from one client while it waits; then reading pauses. */
  maxInboxBytes: size(64 * KiB, 64 * MiB, 4 * MiB),
  /** From the first byte to the end of authentication. */
  handshakeTimeout: duration('1s', '2m', '10s'),
  /** Without a statement from the client; held and running are not idle. PCI DSS 8.2.8 wants at most 15 minutes. */
  idleTimeout: duration('1m', '24h', '15m'),
  /** The same for service accounts, whose pools keep connections open between jobs. */
  serviceIdleTimeout: duration('1m', '24h', '4h'),
  /** Open connections at once. */
  sessions: count(1, 10_000, 512),
  sessionsPerPerson: count(1, 10_000, 64),
  sessionsPerSource: count(1, 10_000, 256),
  /** Statements of one person that wait at once: a flood of holds tires approvers into saying yes. */
  holdsPerPerson: count(1, 100, 8),
  /** How often one person's asking reaches one channel within an hour; what is above that is told once and waits in the lists. */
  messagesPerHour: count(1, 1_000, 20),
  /** Most rows of one result that a recording keeps, whatever packs ask for. */
  recordedRows: count(0, 10_000, 1_000),
  /** Most output of one command without a terminal that a recording keeps; the rest is counted and hashed. A terminal is kept whole. */
  recordedOutput: size(1, 1024 * MiB, 1 * MiB),
})
export type Limits = z.output<typeof Limits>
