import type { Problem } from '../std/problem.ts'
import { sortProblems } from '../std/problem.ts'
import { place, readShape } from '../std/shape.ts'
import { readYaml, type Path, type YamlSource } from '../std/yaml-source.ts'
import { isGlob } from './glob.ts'
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
  const all = sortProblems([...problems, ...doubledIds(source), ...unknownLists(source), ...nothingInIt(source)])
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
    [...ruleChannels(pack), ...accessChannels(pack)]
      .filter(({ channel }) => !channels.includes(channel))
      .map(({ channel, at, path }) =>
        pack.problem([...path, at], `${printed(path)}: no channel "${channel}"; ${known}`),
      ),
  )
}

interface NamedChannel {
  readonly channel: string
  readonly path: Path
  readonly at: number
}

const channelsAt = (path: Path, channels: readonly string[] = []): readonly NamedChannel[] =>
  channels.map((channel, at) => ({ channel, path, at }))

const ruleChannels = ({ rules }: Pack): readonly NamedChannel[] =>
  rules.flatMap(({ approvals }, index) => [
    ...channelsAt(['rules', index, 'approvals', 'notify'], approvals?.notify),
    ...(approvals?.then ?? []).flatMap(({ notify }, step) =>
      channelsAt(['rules', index, 'approvals', 'then', step, 'notify'], notify),
    ),
  ])

const accessChannels = ({ access }: Pack): readonly NamedChannel[] =>
  access.flatMap((rule, index) =>
    (rule.stages ?? []).flatMap(({ notify, escalate }, stage) => [
      ...channelsAt(['access', index, 'stages', stage, 'notify'], notify),
      ...(escalate ?? []).flatMap((step, at, { length }) => {
        // A single step may be written without a list.
        const path = ['access', index, 'stages', stage, 'escalate', ...(length === 1 ? [] : [at]), 'notify']
        return channelsAt(path, step.notify)
      }),
    ]),
  )

/** `rules[0].approvals.notify`. */
const printed = (path: Path): string => place(path).slice(0, -2)

// Works on what was written rather than on what was understood, so that a doubled id is reported beside every other mistake.
function doubledIds(source: YamlSource): PackProblem[] {
  const seen = new Map<unknown, string>()
  const entries = (['rules', 'access'] as const).flatMap((key) =>
    list(source.value, key).map((entry, index) => ({ entry, path: [key, index] })),
  )
  return entries.flatMap(({ entry, path }) => {
    const id = isMap(entry) ? entry['id'] : undefined
    const before = seen.get(id)
    if (typeof id !== 'string') return []
    if (before !== undefined)
      return [
        source.problem(
          [...path, 'id'],
          `${place([...path, 'id'])}${JSON.stringify(id)} is already the id of ${before}`,
        ),
      ]
    seen.set(id, printed(path))
    return []
  })
}

/** Lists of people that access rules name and `oncall` does not. */
function unknownLists(source: YamlSource): PackProblem[] {
  const lists = isMap(source.value) && isMap(source.value['oncall']) ? Object.keys(source.value['oncall']) : []
  return list(source.value, 'access').flatMap((rule, index) => {
    const match = isMap(rule) && isMap(rule['match']) ? rule['match'] : {}
    const unknown = words(match['oncall']).filter((word) => !isGlob(word) && !lists.includes(word))
    const path = ['access', index, 'match', 'oncall']
    return unknown.map((word) =>
      source.problem(path, `${place(path)}${JSON.stringify(word)} is no list of oncall; ${knownLists(lists)}`),
    )
  })
}

const knownLists = (lists: readonly string[]): string =>
  lists.length === 0 ? 'write oncall: { NAME: [people] }' : `known: ${lists.join(', ')}`

/** Every word of a wish, in whichever form it is written. */
function words(wish: unknown): readonly string[] {
  if (typeof wish === 'string') return [wish]
  if (Array.isArray(wish)) return wish.flatMap(words)
  return isMap(wish) ? Object.values(wish).flatMap(words) : []
}

function nothingInIt(source: YamlSource): PackProblem[] {
  const { value } = source
  if (!isMap(value) || ['rules', 'masks', 'access'].some((key) => key in value)) return []
  return [source.problem([], 'holds neither rules nor masks nor access rules; write at least one of them')]
}

const list = (value: unknown, key: string): readonly unknown[] => {
  const found = isMap(value) ? value[key] : undefined
  return Array.isArray(found) ? found : []
}

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
