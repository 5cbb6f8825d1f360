import { readdirSync } from 'node:fs'
import path from 'node:path'
import { readCastHead, type CastHead } from './cast-reader.ts'
import { castChannel } from './session-file.ts'

/** A channel of a recording whose output was kept. */
export interface CastOf {
  readonly channel: number
  readonly file: string
  readonly head: CastHead
}

/** The cast files of a recording in the order of their channels. One whose beginning cannot be read is left out: `verify` names it. */
export function castsOf(folder: string): readonly CastOf[] {
  const channels = readdirSync(folder).flatMap((name) => {
    const channel = castChannel(name)
    return channel === undefined ? [] : [{ channel, file: path.join(folder, name) }]
  })
  return channels
    .sort((one, other) => one.channel - other.channel)
    .flatMap(({ channel, file }) => {
      const head = headOf(file)
      return head === undefined ? [] : [{ channel, file, head }]
    })
}

/** The one to begin with: the first terminal, or the first at all. */
export const firstCast = (casts: readonly CastOf[]): CastOf | undefined =>
  casts.find(({ head }) => head.terminal) ?? casts[0]

function headOf(file: string): CastHead | undefined {
  try {
    return readCastHead(file)
  } catch {
    return undefined
  }
}
