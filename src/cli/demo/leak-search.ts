import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Something that may be nowhere, and how to speak of it. */
export interface Canary {
  readonly text: string
  readonly name: string
}

/** Where a canary was found. */
export interface Leak {
  readonly canary: string
  readonly where: string
}

/** Looks for every canary in the bytes. */
export function searchBytes(bytes: Buffer, where: string, canaries: readonly Canary[]): readonly Leak[] {
  return canaries.filter(({ text }) => bytes.includes(text)).map(({ name }) => ({ canary: name, where }))
}

/** The same in every file below a folder, whatever it is called. */
export function searchFiles(files: readonly string[], canaries: readonly Canary[]): readonly Leak[] {
  return files.flatMap((file) => searchBytes(readFileSync(file), file, canaries))
}

/** Every file below a folder. */
export const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
