import { existsSync } from 'node:fs'
import path from 'node:path'
import { SESSION_FILE } from '../recording/session-file.ts'
import { RefusedError } from './command.ts'

const DEFAULT_FOLDER = 'data/recordings'
const SESSION_ID = /^s_[0-9a-z]+$/

/** Where a session's id is looked up: `--recordings DIR`, by default `data/recordings`. */
export const RECORDINGS = { recordings: { type: 'string' } } as const

/** The folder of one recording from what a person types: its path, or a session's id below `root`. */
export function recordingFolder(given: string, root = DEFAULT_FOLDER): string {
  if (existsSync(path.join(given, SESSION_FILE))) return given
  const below = path.join(root, given)
  if (SESSION_ID.test(given) && existsSync(path.join(below, SESSION_FILE))) return below
  throw new RefusedError(`${given} is neither a recording's folder nor a session recorded in ${root}`)
}
