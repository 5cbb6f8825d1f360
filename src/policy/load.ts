import type { Problem } from '../std/problem.ts'
import { sortProblems } from '../std/problem.ts'
import { readShape } from '../std/shape.ts'
import { readYaml, type Path, type YamlSource } from '../std/yaml-source.ts'
import { PackFile } from './pack.ts'

export type PackProblem = Problem

/** A pack that is well formed. Whether its examples hold is for `packs/examples.ts` to say. */
export interface Pack extends PackFile {
  /** Path of the file as problems name it. */
  readonly file: string
  /** The file as it was read; its bytes make the version of the policy. */
  readonly text: string
  /** A problem with the part of the file that `path` leads to. */
  problem(path: Path, message: string): PackProblem
}

/** Reads one pack, or says everything that is wrong with it. */
export function loadPack(
  text: string,
  file: string,
):
  | { readonly pack: Pack; readonly problems: readonly [] }
  | { readonly pack: undefined; readonly problems: readonly PackProblem[] } {
  const source = readYaml(file, text)
  const { value, problems } = readShape(PackFile, source)
  const all = sortProblems([...problems, ...doubledIds(source), ...nothingInIt(source)])
  if (value === undefined || all.length > 0) return { pack: undefined, problems: all }
  return { pack: { ...value, file, text, problem: (path, message) => source.problem(path, message) }, problems: [] }
}

/** Packs of one folder against each other: every name once. */
export function doubledNames(packs: readonly Pack[]): readonly PackProblem[] {
  const first = new Map<string, string>()
  return packs.flatMap((pack) => {
    const other = first.get(pack.name)
    if (other !== undefined) return [pack.problem(['name'], `name: "${pack.name}" is already the name of ${other}`)]
    first.set(pack.name, pack.file)
    return []
  })
}

/** Channels that rules name but the configuration does not know. */
export function unknownChannels(packs: readonly Pack[], channels: readonly string[]): readonly PackProblem[] {
  const known = channels.length === 0 ? 'notify of the configuration is empty' : `known: ${channels.join(', ')}`
  return packs.flatMap((pack) =>
    pack.rules.flatMap((rule, index) =>
      (rule.approvals?.notify ?? []).flatMap((channel, at) =>
        channels.includes(channel)
          ? []
          : [
              pack.problem(
                ['rules', index, 'approvals', 'notify', at],
                `rules[${index}].approvals.notify: no channel "${channel}"; ${known}`,
              ),
            ],
      ),
    ),
  )
}

// Works on what was written rather than on what was understood, so that a doubled id is reported beside every other mistake.
function doubledIds(source: YamlSource): PackProblem[] {
  const seen = new Map<unknown, number>()
  return list(source.value, 'rules').flatMap((rule, index) => {
    const id = isMap(rule) ? rule['id'] : undefined
    const before = seen.get(id)
    if (typeof id !== 'string') return []
    if (before !== undefined)
      return [
        source.problem(
          ['rules', index, 'id'],
          `rules[${index}].id: ${JSON.stringify(id)} is already the id of rules[${before}]`,
        ),
      ]
    seen.set(id, index)
    return []
  })
}

function nothingInIt(source: YamlSource): PackProblem[] {
  const { value } = source
  if (!isMap(value) || 'rules' in value || 'masks' in value) return []
  return [source.problem([], 'holds neither rules nor masks; write at least one of them')]
}

const list = (value: unknown, key: string): readonly unknown[] => {
  const found = isMap(value) ? value[key] : undefined
  return Array.isArray(found) ? found : []
}

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
