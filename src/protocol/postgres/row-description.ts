import { decodeBackend } from './decode.ts'
import { encodeBackend } from './encode.ts'
import type { BackendFrame } from './framing.ts'

/** The RowDescription with every column name as `scrub` shows it: names may be built from data. Gives the frame's own bytes if no name changed. */
export function rewriteColumnNames(frame: BackendFrame<'rowDescription'>, scrub: (name: string) => string): Buffer {
  const { fields } = decodeBackend(frame)
  const shown = fields.map((field) => ({ ...field, name: scrub(field.name) }))
  if (shown.every((field, index) => field.name === fields[index]?.name)) return frame.bytes
  return encodeBackend({ name: 'rowDescription', fields: shown })
}
