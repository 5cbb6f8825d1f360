import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Pair,
} from 'yaml'
import type { Position, Problem } from './problem.ts'

export type Path = readonly PropertyKey[]

/** A YAML file as a plain value that still knows where each part of it stands. */
export interface YamlSource {
  readonly file: string
  readonly value: unknown
  /** Syntax errors, doubled keys, anchors and aliases. Where there is one, `value` is undefined. */
  readonly problems: readonly Problem[]
  /** A problem with the value at `path`; where nothing stands there, with the nearest thing around it. */
  problem(path: Path, message: string): Problem
  /** A problem with the key `path` itself rather than with its value. */
  keyProblem(path: Path, message: string): Problem
}

// A configuration or pack that a person wrote and reviewed; above this somebody pointed us at the wrong file.
const MAX_TEXT = 1024 * 1024

/** Reads one YAML 1.2 document. Never throws. Anchors and aliases are refused: a reviewer must see what a line means without looking elsewhere. */
export function readYaml(file: string, text: string): YamlSource {
  if (text.length > MAX_TEXT) return broken(file, [{ file, line: 1, column: 1, message: 'is longer than 1 MiB' }])
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true })
  const position = (offset: number): Position => placed(lines, offset)
  const found = [...document.errors, ...document.warnings].map((fault) => ({
    offset: fault.pos[0],
    message: fault.message,
  }))
  const problems = [...found, ...references(document)].map(({ offset, message }) => ({
    file,
    ...position(offset),
    message,
  }))
  if (problems.length > 0) return broken(file, problems)
  const at = (path: Path, of: 'key' | 'value'): Position => position(offsetOf(document, path, of))
  return {
    file,
    value: document.toJS(),
    problems: [],
    problem: (path, message) => ({ file, ...at(path, 'value'), message }),
    keyProblem: (path, message) => ({ file, ...at(path, 'key'), message }),
  }
}

function broken(file: string, problems: readonly Problem[]): YamlSource {
  const problem = (_path: Path, message: string): Problem => ({ file, line: 1, column: 1, message })
  return { file, value: undefined, problems, problem, keyProblem: problem }
}

function placed(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

function references(document: Document): { offset: number; message: string }[] {
  const found: { offset: number; message: string }[] = []
  visit(document, {
    Node(_key, node) {
      const anchored = isAlias(node) || Boolean(node.anchor)
      if (anchored)
        found.push({
          offset: node.range?.[0] ?? 0,
          message: 'anchors and aliases are not read here; write the value out',
        })
    },
  })
  return found
}

/** Offset of what `path` leads to. A missing part is reported at the key of the last part that exists. */
function offsetOf(document: Document, path: Path, of: 'key' | 'value'): number {
  let node: unknown = document.contents
  let [key, value] = [0, isNode(node) ? (node.range?.[0] ?? 0) : 0]
  for (const part of path) {
    const next = child(node, part)
    if (next === undefined) return key
    key = next.key
    value = next.value
    node = next.node
  }
  return of === 'key' ? key : value
}

function child(node: unknown, part: PropertyKey): { key: number; value: number; node: unknown } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(part)]
    return isNode(item) ? { key: startOf(item), value: startOf(item), node: item } : undefined
  }
  if (!isMap(node)) return undefined
  const pair = node.items.find((entry): entry is Pair => isPair(entry) && named(entry, part))
  if (pair === undefined) return undefined
  const key = startOf(pair.key)
  return { key, value: isNode(pair.value) ? startOf(pair.value) : key, node: pair.value }
}

const named = (pair: Pair, part: PropertyKey): boolean => isScalar(pair.key) && String(pair.key.value) === String(part)

const startOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0)
