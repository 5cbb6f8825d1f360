/** The headers by which a browser tells where a request comes from. */
export interface RequestOrigin {
  readonly origin: string | undefined
  readonly fetchSite: string | undefined
}

/**
 * Whether an unsafe request of the API may pass: programs send neither header; a browser's must come from our own pages.
 */
export function isOwnOrSilent(request: RequestOrigin, publicOrigin: string): boolean {
  return (request.origin === undefined && request.fetchSite === undefined) || isOwn(request, publicOrigin)
}

/**
 * Whether a browser says that the request comes from our own pages. Under `Referrer-Policy: no-referrer` a form's Origin is `null` even at home, so
 * Sec-Fetch-Site, which no script can set, decides where it is present.
 */
export function isOwn(request: RequestOrigin, publicOrigin: string): boolean {
  const { origin, fetchSite } = request
  if (fetchSite === undefined) return origin === publicOrigin
  return fetchSite === 'same-origin' && (origin === undefined || origin === 'null' || origin === publicOrigin)
}
