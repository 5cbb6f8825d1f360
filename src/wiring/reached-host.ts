const EVERY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

/** The host by which clients reach a listener: one on every address is reached by the name that links use, without the brackets of an IPv6 address. */
export const reachedHost = (listening: string, publicUrl: string): string =>
  EVERY_ADDRESS.has(listening) ? new URL(publicUrl).hostname.replace(/^\[|\]$/g, '') : listening
