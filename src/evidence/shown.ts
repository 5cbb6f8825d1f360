import { visibleLines } from '../recording/visible.ts'
import type { Cell } from './report.ts'

/** A cell as text: every hidden or reordering character is spelled out, the guillemets around what was withheld stay. */
export function shownCell(cell: Cell): string {
  if (cell === null) return ''
  if (typeof cell === 'string') return shownText(cell)
  if (typeof cell === 'object') return cell.map(shownText).join(', ')
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no'
  return String(cell)
}

const shownText = (text: string): string =>
  text
    .split(/([‹›])/u)
    .map((part) => (part === '‹' || part === '›' ? part : visibleLines(part).join('\n')))
    .join('')
