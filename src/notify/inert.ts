/** Longest text of anybody but us within a message. */
const LONGEST = 500

/**
 * Somebody else's text as a chat, a card, a mail and a JSON body may carry it: card numbers cut down, no control, direction or invisible characters, no sign that one
 * of them reads as markup, mention or heading, nothing that is made a link (browsers read the dots of other scripts as ours), bounded. What is taken out leaves a question mark, so that it is seen.
 */
export function inert(text: string, scrub: (text: string) => string): string {
  const plain = scrub(text).replaceAll(/[\p{C}\p{Zl}\p{Zp}<>&@*#~|`[\]\\\u3002\uff0e\uff61]/gu, '?')
  return plain.replaceAll('://', ': //').replaceAll(HOST_LIKE, '. ').slice(0, LONGEST)
}

/** The dot of what many a reader of mail would make a link of, `t.co` as well, and not the one of `e.g.` */
const HOST_LIKE = /(?<=[\p{L}\p{N}-]{2})\.(?=[\p{L}\p{N}])|(?<=[\p{L}\p{N}])\.(?=\p{L}{2})/gu

/**
 * The name of a table. A name of two parts would be made a link by many a reader of mail where it looks like a host (`evil.com`), so that the schema stands behind it.
 */
export function tableName({ schema, name }: TableName, scrub: (text: string) => string): string {
  const [table, within] = [name, schema].map((part) => inert(part, scrub).replaceAll(/[./:]/g, '?'))
  return within === undefined || within === '' ? (table ?? '') : `${table ?? ''} (${within})`
}

interface TableName {
  readonly schema: string
  readonly name: string
}
