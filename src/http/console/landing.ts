/** Areas that a sign-in may lead to. */
const KNOWN =
  /^\/(approvals|access|access-requests|sessions|policies|evidence|people|health|account|scripts|reviews)?(?:[/?#]|$)/

/**
 * Where a person wanted to go, if that is a page of this console: a path of our own origin, read as a browser reads it. Undefined for anything
 * else, so that a link to the sign-in leads nobody elsewhere.
 */
export function landing(wanted: string | undefined, publicOrigin: string): string | undefined {
  if (wanted === undefined || wanted.length > 2000 || !/^\/[\x21-\x7e]*$/.test(wanted) || wanted.includes('\\'))
    return undefined
  const url = URL.parse(wanted, publicOrigin)
  if (url === null || url.origin !== publicOrigin || !KNOWN.test(url.pathname)) return undefined
  return `${url.pathname}${url.search}`
}

/** The sign-in that comes back to this path. */
export const loginPath = (next: string | undefined): string =>
  next === undefined || next === '/' ? '/login' : `/login?next=${encodeURIComponent(next)}`
