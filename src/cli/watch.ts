import type { Client } from './client.ts'
import { RefusedError } from './command.ts'

export interface Watched<One> {
  /** The kind of event that tells of a change. */
  readonly kind: 'script' | 'review'
  readonly list: () => Promise<readonly One[]>
  readonly print: (one: One) => void
}

/** Prints all of a list, then each that has changed, until the server or a person ends it. The event is a hint; what is printed was asked for. */
export async function watched<One extends { readonly id: string }>(
  client: Pick<Client, 'events'>,
  { kind, list, print }: Watched<One>,
): Promise<never> {
  const known = new Map<string, string>()
  const changed = async (): Promise<void> => {
    // Oldest first, as they would have come one by one.
    for (const one of (await list()).toReversed()) {
      const said = JSON.stringify(one)
      if (known.get(one.id) !== said) print(one)
      known.set(one.id, said)
    }
  }
  for await (const { event } of client.events(new AbortController().signal))
    if (event === 'open' || event === kind) await changed()
  throw new RefusedError('the server ended the watch', { code: 'watch-ended' })
}
