/*
 * Big-endian reads without a bounds check, for loops that run once for each frame or cell. The caller has compared the offset with the end before;
 * everybody else uses Cursor.
 */

export const u8At = (bytes: Uint8Array, at: number): number => bytes[at] as number

export const u16At = (bytes: Uint8Array, at: number): number => ((bytes[at] as number) << 8) | (bytes[at + 1] as number)

export const i32At = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 24) |
  ((bytes[at + 1] as number) << 16) |
  ((bytes[at + 2] as number) << 8) |
  (bytes[at + 3] as number)
