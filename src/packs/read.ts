import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { createPolicy, type PolicySet } from '../policy/decide.ts'
import { doubledNames, loadPack, unknownChannels, type Pack, type PackProblem } from '../policy/load.ts'
import { sortProblems } from '../std/problem.ts'
import { runExamples, type ExampleTools } from './examples.ts'

export interface ReadDeps {
  readonly folder: string
  readonly tools: ExampleTools
  /** Names of the configured notification channels; where given, a rule that names another is a problem. */
  readonly channels?: readonly string[]
}

/** The policy of a folder, or everything that keeps it from being one. */
export type ReadResult =
  | { readonly policy: PolicySet; readonly problems: readonly [] }
  | { readonly policy: undefined; readonly problems: readonly PackProblem[] }

/**
 * Reads every `*.yaml` of the folder and runs every example. One broken pack makes the folder broken: half a policy is another policy. Never
 * throws; a folder that cannot be read is a problem as well.
 */
export async function readPacks({ folder, tools, channels }: ReadDeps): Promise<ReadResult> {
  const { packs, problems } = await loadFolder(folder)
  const together = [...doubledNames(packs), ...(channels === undefined ? [] : unknownChannels(packs, channels))]
  const all = sortProblems([...problems, ...together, ...packs.flatMap((pack) => runExamples(pack, tools))])
  if (all.length > 0) return { policy: undefined, problems: all }
  return { policy: createPolicy(packs), problems: [] }
}

interface Loaded {
  readonly packs: readonly Pack[]
  readonly problems: readonly PackProblem[]
}

async function loadFolder(folder: string): Promise<Loaded> {
  const names = await readdir(folder).catch(() => undefined)
  if (names === undefined)
    return nowhere(folder, 'is no folder that can be read; point `policies` at the folder of your packs')
  const shown = names.filter((name) => !name.startsWith('.')).sort()
  const files = shown.filter((name) => name.endsWith('.yaml'))
  if (files.length === 0) return nowhere(folder, 'holds no pack; copy pci.yaml into it to begin with')
  const read = await Promise.all(files.map((name) => readPack(path.join(folder, name))))
  // Somebody who named a pack .yml believes that it is in force.
  const misnamed = shown
    .filter((name) => name.endsWith('.yml'))
    .map((name) => fault(path.join(folder, name), 'is not read; name it .yaml'))
  return { packs: read.flatMap((one) => one.packs), problems: [...misnamed, ...read.flatMap((one) => one.problems)] }
}

async function readPack(file: string): Promise<Loaded> {
  const bytes = await readFile(file).catch(() => undefined)
  if (bytes === undefined) return nowhere(file, 'cannot be read')
  const text = strictText(bytes)
  if (text === undefined) return nowhere(file, 'is not UTF-8')
  const { pack, problems } = loadPack(text, file)
  return { packs: pack === undefined ? [] : [pack], problems }
}

function strictText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const fault = (file: string, message: string): PackProblem => ({ file, line: 1, column: 1, message })

const nowhere = (file: string, message: string): Loaded => ({ packs: [], problems: [fault(file, message)] })
