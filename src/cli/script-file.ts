import { readFile } from 'node:fs/promises'
import { RefusedError } from './command.ts'
import { terminalLine } from './terminal.ts'

/** The exact text of a file. A byte order mark stays: the server would stumble over it, and is to be asked about it as it is. */
export async function readScriptFile(file: string): Promise<string> {
  const bytes = await readFile(file).catch(() => undefined)
  if (bytes === undefined) throw new RefusedError(`${terminalLine(file)} cannot be read`)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new RefusedError(`${terminalLine(file)} is not UTF-8 text`)
  }
}
