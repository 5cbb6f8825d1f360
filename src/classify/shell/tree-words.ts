import { forEachChild, type CommandArgument, type SyntaxNode, type Word } from 'unbash'

/**
 * The words of every command in a tree, those in substitutions too, with the values of assignments among them. Positions are those of the text
 * itself; what stands in escaped backticks has none, and is left out.
 */
export function wordsOf(node: SyntaxNode): readonly (readonly Word[])[] {
  const found: (readonly Word[])[] = []
  visit(node, found)
  return found
}

function visit(node: SyntaxNode, found: (readonly Word[])[]): void {
  if (node.type === 'Script' && node.source !== undefined) return
  if (node.type === 'Command') {
    const { name, args, prefix } = node
    const assigned = prefix.flatMap((part) => (part.type === 'Assignment' ? wordsIn(part) : []))
    if (assigned.length > 0) found.push(assigned)
    found.push([...(name === undefined ? [] : [name]), ...args.flatMap(wordsIn)])
  }
  forEachChild(node, (child) => visit(child, found))
}

/** An assignment as one word: its name is read from the text. */
const wordsIn = (part: CommandArgument): readonly Word[] =>
  part.type === 'Word' ? [part] : [{ type: 'Word', text: part.text, value: part.text, pos: part.pos, end: part.end }]

/** Where here-documents and here-strings of the tree stand. */
export function inputsOf(node: SyntaxNode): readonly { readonly start: number; readonly end: number }[] {
  const found: { start: number; end: number }[] = []
  inputs(node, found)
  return found
}

function inputs(node: SyntaxNode, found: { start: number; end: number }[]): void {
  if (node.type === 'Script' && node.source !== undefined) return
  if (node.type === 'HereDocBody') found.push({ start: node.pos, end: node.end })
  if (node.type === 'HereString' && node.target !== undefined)
    found.push({ start: node.target.pos, end: node.target.end })
  forEachChild(node, (child) => inputs(child, found))
}
