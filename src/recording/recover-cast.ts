import { readdirSync } from 'node:fs'
import path from 'node:path'
import type { CastEvent } from './event.ts'
import type { FileDigest, RecordingFiles } from './files.ts'
import { castChannel } from './session-file.ts'
import type { SessionScan } from './session-scan.ts'

/** The last checkpoints over the cast files that a crash left without one, as they stand. A file that is gone is left to `verify`. */
export async function endedCasts(
  files: RecordingFiles,
  folder: string,
  scan: SessionScan,
): Promise<readonly CastEvent[]> {
  const names = readdirSync(folder).filter(
    (name) => castChannel(name) !== undefined && scan.casts.get(name)?.state !== 'ended',
  )
  return Promise.all(names.sort().map(async (name) => endOf(name, await files.digest(path.join(folder, name)), scan)))
}

function endOf(name: string, { bytes, sha256 }: FileDigest, { casts }: SessionScan): CastEvent {
  const { kept = 0, output = 0 } = casts.get(name) ?? {}
  const channel = castChannel(name) ?? 0
  return { kind: 'ssh.cast', channel, state: 'ended', file: name, bytes, sha256, kept, output, outputHash: undefined }
}

/** What a summary says of cast files: what the chain's last word on each is. */
export const castDigests = (
  ended: readonly Pick<CastEvent, 'file' | 'bytes' | 'sha256'>[],
): Readonly<Record<string, FileDigest>> =>
  Object.fromEntries(ended.map(({ file, bytes, sha256 }) => [file, { bytes, sha256 }]))
