import { createHash } from 'node:crypto'
import { createReadStream, existsSync, statSync } from 'node:fs'
import path from 'node:path'
import type { FileDigest } from './files.ts'
import type { Problem } from './problem.ts'
import { castChannel } from './session-file.ts'
import type { StoredEvent } from './stored.ts'

type Vouched = Extract<StoredEvent, { kind: 'ssh.cast' }>
type Found = Pick<Problem, 'code' | 'text'> & { readonly byte?: number }

/** What the chain says of the cast files beside it, gathered line by line and then held against them. */
export class CastCheck {
  readonly #files = new Map<string, Vouched[]>()

  note(event: Vouched): void {
    this.#files.set(event.file, [...(this.#files.get(event.file) ?? []), event])
  }

  get names(): ReadonlySet<string> {
    return new Set(this.#files.keys())
  }

  /** Reads every file once, in constant memory. `summary` is what a signed summary says of them. */
  async problems(folder: string, summary: Readonly<Record<string, FileDigest>> | undefined): Promise<readonly Found[]> {
    const found: Found[] = []
    for (const [name, vouched] of this.#files) {
      const last = vouched.at(-1)
      if (last === undefined) continue
      if (castChannel(name) !== last.channel)
        found.push({ code: 'cast-changed', text: `${name} is no name of channel ${last.channel}` })
      else found.push(...(await fileProblems(path.join(folder, name), vouched)), ...summaryProblems(last, summary))
    }
    return found
  }
}

function summaryProblems(last: Vouched, summary: Readonly<Record<string, FileDigest>> | undefined): readonly Found[] {
  const told = summary?.[last.file]
  if (summary === undefined || (told?.sha256 === last.sha256 && told.bytes === last.bytes)) return []
  return [{ code: 'summary-changed', text: `summary.json tells ${last.file} in another way than the events` }]
}

async function fileProblems(file: string, vouched: readonly Vouched[]): Promise<readonly Found[]> {
  const name = path.basename(file)
  const last = vouched.at(-1)
  if (last === undefined) return []
  if (!existsSync(file))
    return [
      {
        code: 'cast-missing',
        text: `${name} is gone: ${last.bytes} bytes at least of what channel ${last.channel} showed`,
      },
    ]
  const { size } = statSync(file)
  const changed = await firstChanged(file, vouched)
  const found: Found[] = changed === undefined ? [] : [changed]
  if (size < last.bytes)
    found.push({ code: 'cast-cut', byte: size, text: `${name} was cut at byte ${size}: there were ${last.bytes}` })
  else if (changed === undefined && last.state === 'ended' && size > last.bytes)
    found.push({
      code: 'cast-changed',
      byte: last.bytes,
      text: `${name} has ${size - last.bytes} bytes behind its end`,
    })
  return found
}

/** The stretch between two checkpoints in which something was changed first. */
async function firstChanged(file: string, vouched: readonly Vouched[]): Promise<Found | undefined> {
  const name = path.basename(file)
  const hash = createHash('sha256')
  let [at, next, before] = [0, 0, 0]
  for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    for (let from = 0; next < vouched.length;) {
      const mark = vouched[next]
      if (mark === undefined || mark.bytes > at + chunk.length) {
        hash.update(chunk.subarray(from))
        break
      }
      hash.update(chunk.subarray(from, mark.bytes - at))
      from = Math.max(from, mark.bytes - at)
      if (hash.copy().digest('hex') !== mark.sha256)
        return {
          code: 'cast-changed',
          byte: before,
          text: `${name} was changed between bytes ${before} and ${mark.bytes - 1}`,
        }
      before = mark.bytes
      next += 1
    }
    at += chunk.length
  }
  return undefined
}
