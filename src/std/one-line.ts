/** Blanks of every kind but the ordinary one, line ends among them. */
const BLANKS = /[\s\u0085]+/gu
/** Control, direction and invisible characters, halves of pairs, what no standard names yet. */
const UNSEEN = /\p{C}/gu

/** Somebody's words on one line, as a terminal and a protocol may carry them: nothing in them moves a cursor, turns text round, begins a line or ends a string. */
export const oneLine = (text: string): string => text.replaceAll(BLANKS, ' ').replaceAll(UNSEEN, '?')
