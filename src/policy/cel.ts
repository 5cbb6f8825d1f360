import { Environment, type ASTNode } from '@marcbachmann/cel-js'
import { unknownWord } from '../std/shape.ts'
import { CEL_VARIABLES } from './cel-variables.ts'

/** A compiled `when:`. `undefined` is an evaluation that failed; the caller decides which way is the safe one. */
export type Condition = (facts: Record<string, unknown>) => boolean | undefined

// A rule's condition is a line that a reviewer reads; these limits are far above any that can be reviewed.
const LIMITS = { maxAstNodes: 200, maxDepth: 24, maxListElements: 100, maxMapEntries: 0, maxCallArguments: 4 }

// Everything here is linear in what it reads. No patterns (`matches` is a backtracking engine), no time, no conversions.
const CALLS = ['size', 'contains', 'startsWith', 'endsWith', 'exists', 'exists_one', 'all']
const LOOPS = ['exists', 'exists_one', 'all']

/** The language of `when:` over one set of variables. */
export interface CelLanguage {
  /** What is wrong with an expression, in words, or undefined. */
  fault(expression: string): string | undefined
  /** Compiles an expression that `fault` found nothing wrong with. */
  compile(expression: string): Condition
}

/** `variables`: names and their CEL types. */
export function celOver(variables: Readonly<Record<string, string>>): CelLanguage {
  const environment = Object.entries(variables).reduce(
    (declared, [name, type]) => declared.registerVariable(name, type),
    new Environment({ unlistedVariablesAreDyn: false, limits: LIMITS }),
  )
  const lists = Object.entries(variables).flatMap(([name, type]) => (type === 'list<string>' ? [name] : []))
  return {
    fault: (expression) => faultIn(expression, environment, lists),
    compile: (expression) => compiled(expression, environment),
  }
}

const ofStatements = celOver(CEL_VARIABLES)

/** What is wrong with a `when:` expression over the facts of a statement, in words, or undefined. */
export const celFault = (expression: string): string | undefined => ofStatements.fault(expression)

/** Compiles an expression over the facts of a statement that `celFault` found nothing wrong with. */
export const compileCel = (expression: string): Condition => ofStatements.compile(expression)

function faultIn(expression: string, environment: Environment, lists: readonly string[]): string | undefined {
  const checked = environment.check(expression)
  if (!checked.valid) return `is not a CEL expression over the facts: ${checked.error?.summary ?? 'it does not parse'}`
  if (checked.type !== 'bool') return `must be true or false, but is a ${checked.type ?? 'dyn'}`
  return treeFault(environment.parse(expression).ast, { lists, inLoop: false })
}

function compiled(expression: string, environment: Environment): Condition {
  const run = environment.parse(expression)
  return (facts) => {
    try {
      const result: unknown = run(facts)
      return typeof result === 'boolean' ? result : undefined
    } catch {
      return undefined
    }
  }
}

interface Place {
  /** Variables that are lists. */
  readonly lists: readonly string[]
  readonly inLoop: boolean
}

// A list inside a loop would be quadratic in what a statement names, and statements are written by those who are judged.
function treeFault(node: ASTNode, place: Place): string | undefined {
  const { inLoop, lists } = place
  if (node.op === 'id')
    return inLoop && lists.includes(node.args) ? `may not use ${node.args} inside a loop` : undefined
  if (node.op !== 'call' && node.op !== 'rcall') return firstFault(inner(node.args), place)
  const [called, ...rest] = node.args
  if (!CALLS.includes(called)) return `may not call ${unknownWord(called, CALLS)}; allowed: ${CALLS.join(', ')}`
  if (!LOOPS.includes(called)) return firstFault(inner(rest), place)
  if (inLoop) return 'may not nest exists, exists_one and all in one another'
  const [receiver, body] = rest
  return firstFault(inner(receiver), { lists, inLoop: false }) ?? firstFault(inner(body), { lists, inLoop: true })
}

function firstFault(nodes: readonly ASTNode[], place: Place): string | undefined {
  for (const node of nodes) {
    const fault = treeFault(node, place)
    if (fault !== undefined) return fault
  }
  return undefined
}

/** The nodes among a node's arguments, however the operator nests them. */
const inner = (args: unknown): readonly ASTNode[] => [args].flat(4).filter(isNode)

const isNode = (part: unknown): part is ASTNode =>
  typeof part === 'object' && part !== null && 'op' in part && 'args' in part
