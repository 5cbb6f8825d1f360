import type { Secret } from '../src/std/secret.ts'

/** The four ways to the same database, in the order in which each round takes them. */
export const ROUTES = ['direct', 'haproxy', 'pgbouncer', 'countersign'] as const
export type RouteName = (typeof ROUTES)[number]

/** One way to the database, on loopback. */
export interface Route {
  readonly name: RouteName
  readonly port: number
  readonly user: string
  readonly password: Secret
  readonly database: string
  /** The process in the middle; undefined for the direct way. */
  readonly pid: number | undefined
}

/** A server of ours that is running. */
export interface Server {
  readonly route: Route
  stop(): Promise<void>
}
