import { readFileSync } from 'node:fs'

/** The corpus of hostile output: what each is, and the text. */
export const HOSTILE: readonly { readonly name: string; readonly text: string }[] = readFileSync(
  new URL('../corpus/terminal-escapes.txt', import.meta.url),
  'utf8',
)
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [name = '', json = '""'] = line.split('\t')
    return { name, text: String(JSON.parse(json)) }
  })

/** Characters that act on a terminal or a page, or that lie about what stands there. */
export const ACTING = /(?! )[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}\p{Co}\p{Cn}\p{Cs}\u115f\u1160\u2800\u3164\uffa0]/u
