/** Usual lengths of an access; the rules and the target say which is the longest. */
export const LENGTHS = ['15m', '30m', '1h', '2h', '4h', '8h'] as const
