const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text for the inside of an element or of a quoted attribute. */
export const escaped = (text: string): string => text.replace(/[&<>"']/gu, (char) => ENTITIES[char] ?? '')
