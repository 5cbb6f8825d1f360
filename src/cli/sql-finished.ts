import { Lexer } from '../classify/sql/lexer.ts'

/** Whether a text that somebody is typing ends with a semicolon that is no part of a literal, a name or a comment. Brackets are not counted. */
export function isFinished(text: string): boolean {
  const bytes = Buffer.from(text).toString('latin1')
  const lexer = new Lexer(bytes)
  let code = ''
  let end = 0
  while (lexer.next()) {
    code += bytes.slice(end, lexer.start) + (lexer.kind === 'comment' ? ' ' : 'x')
    end = lexer.end
  }
  return /;\s*$/.test(code + bytes.slice(end))
}
