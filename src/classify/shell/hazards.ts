import type { ArithmeticExpression, Assignment, ParameterExpansionPart, SyntaxNode, TestExpression, Word } from 'unbash'
import { steersShell } from './variables.ts'

/**
 * What the shell works out once more at run time. Inside arithmetic the shell evaluates what variables hold, subscripts with their command
 * substitutions included: `x='a[$(id)]'; echo $((x))` runs id.
 */
export type Hazard =
  /** Certain: names or prompts that are worked out from what variables hold. */
  | 'indirect'
  /** Only where a variable may hold more than a number. */
  | 'arithmetic'

/** The hazard of one node of the tree, its children left to themselves. */
export function hazardOf(node: SyntaxNode): Hazard | undefined {
  switch (node.type) {
    case 'ParameterExpansion':
      return ofParameter(node)
    case 'ArithmeticExpansion':
      return ofArithmetic(node.text.replace(/^\$\(\(|^\$\[/, ''))
    case 'ArithmeticCommand':
      return ofArithmetic(node.body)
    case 'ArithmeticFor':
      return 'arithmetic'
    case 'ArithmeticWord':
      // Quotes are no quotes in there.
      return steers(node.value) || /[`'"]|\$\(/.test(node.value) ? 'indirect' : undefined
    case 'DoubleQuoted':
      // Within an expansion in double quotes `$'` begins nothing: what follows is read as if there were no quote.
      return node.parts.some((part) => part.type === 'ParameterExpansion' && /\$['"]/.test(part.text))
        ? 'indirect'
        : undefined
    case 'TestUnary':
    case 'TestBinary':
      return ofTest(node)
    case 'Assignment':
      return ofSubscript(node.index) ?? ofElements(node)
    default:
      return undefined
  }
}

function ofParameter({ prefix, operation, index }: ParameterExpansionPart): Hazard | undefined {
  if (prefix === '!' && operation?.type !== 'Names') return 'indirect'
  if (operation?.type === 'Unknown') return 'indirect'
  if (operation?.type === 'Transform') return /^[UuLQEAKak]$/.test(operation.operand.value) ? undefined : 'indirect'
  if (operation?.type === 'Slice') return ofArithmetic(`${operation.offset.text} ${operation.length?.text ?? ''}`)
  return ofSubscript(index)
}

const ofSubscript = (index: Word | undefined): Hazard | undefined =>
  index === undefined || index.text === '@' || index.text === '*' ? undefined : ofArithmetic(index.text)

/** `a=([index]=value)`: an index is worked out, in quotes too. */
function ofElements({ value }: Assignment): Hazard | undefined {
  const indexes =
    value.type === 'ArrayValue' ? value.elements.flatMap(({ text }) => /^\[([^]*?)\]\+?=/.exec(text)?.[1] ?? []) : []
  return indexes.length === 0 ? undefined : ofArithmetic(indexes.join(' '))
}

/** What a command prints is worked out like what a variable holds, and nobody knows it. */
function ofArithmetic(text: string): Hazard | undefined {
  if (/`|\$\(|\$\{[^}]*[^\w}#?]/.test(text) || steers(text)) return 'indirect'
  return hasNames(text) ? 'arithmetic' : undefined
}

/** Arithmetic assigns: `((PATH = 0))` makes the shell look for programs in the folder `0`. */
const steers = (text: string): boolean => text.match(/[A-Za-z_]\w*/g)?.some((name) => steersShell(name)) === true

const COMPARES = new Set(['-eq', '-ne', '-lt', '-le', '-gt', '-ge'])

function ofTest(node: TestExpression): Hazard | undefined {
  if (node.type === 'TestUnary' && (node.operator === '-v' || node.operator === '-R'))
    return /^\w+$/.test(node.operand.text) ? undefined : 'indirect'
  if (node.type === 'TestBinary' && COMPARES.has(node.operator))
    return ofArithmetic(`${node.left.text} ${node.right.text}`)
  return undefined
}

/** `$?`, `$#` and `$$` are numbers whatever happens. */
const hasNames = (text: string): boolean =>
  /[A-Za-z_$`]/.test(text.replace(/\$[?#$]/g, '').replace(/\b0[xX][\da-fA-F]+\b/g, ''))

/** Whether what is assigned is a number and can be nothing else. */
export function isNumber({ value }: Assignment): boolean {
  if (value.type === 'ArrayValue') return value.elements.every((word) => isNumericWord(word))
  return isNumericWord(value)
}

const isNumericWord = ({ text, parts }: Word): boolean =>
  /^-?\d*$/.test(text) || (parts?.length === 1 && parts[0]?.type === 'ArithmeticExpansion') || /^\$[?#$]$/.test(text)

/** Text of an expression, for those that stand alone. */
export const isPlainNumber = (expression: ArithmeticExpression | undefined): boolean =>
  expression?.type === 'ArithmeticWord' && /^\d+$/.test(expression.value)
