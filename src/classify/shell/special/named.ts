import type { Call } from '../scope.ts'

/** The same analysis under several names. */
export const named = (names: string, special: (call: Call) => void): Readonly<Record<string, (call: Call) => void>> =>
  Object.fromEntries(names.split(' ').map((name) => [name, special]))
