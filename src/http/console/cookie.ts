import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { Visit } from './visits.ts'

/** Only https can set a cookie with this prefix, which no other host and no path of ours can set in its place. */
const SECURE_NAME = '__Host-countersign'
/** Plain http is for loopback alone. */
const PLAIN_NAME = 'countersign'

export interface Origin {
  readonly publicOrigin: string
}

const isSecure = ({ publicOrigin }: Origin): boolean => publicOrigin.startsWith('https:')

/** The value of our cookie in a request. */
export const readCookie = (c: Context, origin: Origin): string | undefined =>
  getCookie(c, isSecure(origin) ? SECURE_NAME : PLAIN_NAME)

/** Ends with the browser; the token behind it ends after fifteen minutes without use. */
export function giveCookie(c: Context, { key }: Visit, origin: Origin): void {
  const secure = isSecure(origin)
  setCookie(c, secure ? SECURE_NAME : PLAIN_NAME, key, { path: '/', httpOnly: true, sameSite: 'Strict', secure })
}

export function takeCookie(c: Context, origin: Origin): void {
  const secure = isSecure(origin)
  deleteCookie(c, secure ? SECURE_NAME : PLAIN_NAME, { path: '/', secure })
}
