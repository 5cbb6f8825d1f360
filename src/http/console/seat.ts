import type { Context, Hono } from 'hono'
import type { Secret } from '../../std/secret.ts'
import type { ApiDeps } from '../api.ts'
import type { Viewer } from '../viewer.ts'
import type { Visit, Visits } from './visits.ts'

/** What every page of the console may use: the ports of the API, and the sign-ins of this node. */
export interface ConsoleDeps extends ApiDeps {
  readonly publicUrl: string
  /** The only origin that may post to us. */
  readonly publicOrigin: string
  readonly now: () => number
  readonly visits: Visits
  /** Whether an organisation's sign-in is configured. */
  readonly hasOidc: boolean
}

/** Whoever looks at a page. The gate makes it (`gate.ts`); a page behind the gate always has one. */
export interface Seat {
  readonly viewer: Viewer
  readonly visit: Visit
  /** The API token behind the cookie. */
  readonly token: Secret
  /** Stands in every form as `csrf`; the gate compares it before a page sees the form. */
  readonly csrf: string
  readonly address: string
  /** What the viewer can show as a fresh factor. */
  readonly factors: { readonly codes: boolean; readonly passkeys: boolean }
}

export interface ConsoleEnv {
  Variables: {
    seat: Seat
    /** The fields of the posted form without `csrf`; empty for a GET. Read them with `fields` of `form.ts`. */
    fields: ReadonlyMap<string, string>
    /** Approvals and requests that wait for this viewer, for the menu. */
    waiting: Waiting
    /** What the last form did, to be said once. */
    said: string | undefined
    /** The server's clock when the page was asked for. */
    now: number
    /** The viewer's roles did not open the page. */
    turned: boolean
  }
}

/** How much waits for the viewer's own decision. */
export interface Waiting {
  readonly approvals: number
  readonly requests: number
}

export type ConsoleContext = Context<ConsoleEnv>
export type ConsoleApp = Hono<ConsoleEnv>
