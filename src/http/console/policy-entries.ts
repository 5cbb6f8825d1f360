import path from 'node:path'
import type { Pack } from '../../policy/load.ts'
import type { CsvRow } from './csv.ts'

type Rule = Pack['rules'][number]
type Mask = Pack['masks'][number]
type Access = Pack['access'][number]

/** One rule, mask or access rule of a pack, with where it stands. */
export type Entry = Standing &
  (
    | { readonly kind: 'rule'; readonly entry: Rule }
    | { readonly kind: 'mask'; readonly entry: Mask }
    | { readonly kind: 'access'; readonly entry: Access }
  )

interface Standing {
  readonly pack: string
  readonly file: string
  readonly line: number
  /** `pci/unfiltered-write`; of a mask its class. */
  readonly name: string
  /** What it does in one word: an effect, or how a mask shows. */
  readonly effect: string
  readonly severity: string | null
  readonly description: string
  readonly message: string | null
}

/** Every entry of the packs, in the order of their files. */
export const entriesOf = (packs: readonly Pack[]): readonly Entry[] =>
  packs.flatMap((pack) => [
    ...pack.rules.map((entry, at): Entry => ({ kind: 'rule', entry, ...ruleStanding(pack, entry, at) })),
    ...pack.masks.map((entry, at): Entry => ({ kind: 'mask', entry, ...maskStanding(pack, entry, at) })),
    ...pack.access.map((entry, at): Entry => ({ kind: 'access', entry, ...accessStanding(pack, entry, at) })),
  ])

const placeOf = (pack: Pack, key: string, at: number): Pick<Standing, 'pack' | 'file' | 'line'> => ({
  pack: pack.name,
  file: path.basename(pack.file),
  line: pack.problem([key, at], '').line,
})

const ruleStanding = (pack: Pack, { id, effect, severity, description, message }: Rule, at: number): Standing => ({
  ...placeOf(pack, 'rules', at),
  ...{ name: `${pack.name}/${id}`, effect, severity, description, message: message ?? null },
})

const maskStanding = (pack: Pack, { class: name, show, description }: Mask, at: number): Standing => ({
  ...placeOf(pack, 'masks', at),
  ...{ name, effect: show, severity: null, description: description ?? '', message: null },
})

const accessStanding = (pack: Pack, { id, effect, description, message }: Access, at: number): Standing => ({
  ...placeOf(pack, 'access', at),
  ...{ name: `${pack.name}/${id}`, effect, severity: null, description, message: message ?? null },
})

export interface EntryFilters {
  readonly text?: string | undefined
  readonly effect?: string | undefined
  readonly severity?: string | undefined
  readonly kind?: string | undefined
}

export const fits = (one: Entry, { text, effect, severity, kind }: EntryFilters): boolean =>
  (effect === undefined || one.effect === effect) &&
  (severity === undefined || one.severity === severity) &&
  (kind === undefined || one.kind === kind) &&
  (text === undefined || searched(one).includes(text.toLowerCase()))

const searched = ({ name, description, message, entry }: Entry): string =>
  `${name} ${description} ${message ?? ''} ${JSON.stringify(entry)}`.toLowerCase()

export const RULE_HEAD: CsvRow = ['kind', 'name', 'effect', 'severity', 'description', 'message', 'file', 'line']

export const ruleRow = ({ kind, name, effect, severity, description, message, file, line }: Entry): CsvRow => [
  ...[kind, name, effect, severity, description, message, file, line],
]

/** An entry as JSON holds it: where it stands and what it says; the whole of it is in its file. */
export const plainEntry = ({
  kind,
  name,
  effect,
  severity,
  description,
  message,
  pack,
  file,
  line,
}: Entry): object => ({
  ...{ kind, name, effect, severity, description, message, pack, file, line },
})
