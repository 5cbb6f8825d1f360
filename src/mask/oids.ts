/** pg_type OIDs that masking knows by number; they never change between versions. */
export const OID = {
  bytea: 17,
  int8: 20,
  json: 114,
  point: 600,
  float4: 700,
  float8: 701,
  money: 790,
  moneyArray: 791,
  numeric: 1700,
  uuid: 2950,
  jsonb: 3802,
  xid8: 5069,
} as const

// "char", name, text, unknown, bpchar, varchar. json and xml are not among them: starred digits would no longer parse.
const TEXT_TYPES: ReadonlySet<number> = new Set([18, 19, 25, 705, 1042, 1043])

/** Types whose text and binary form are the same bytes, and where any text is a value. */
export const isTextType = (typeOid: number): boolean => TEXT_TYPES.has(typeOid)

/** Blank-padded: its width is part of the value. */
export const BPCHAR = 1042
/** One byte. */
export const CHAR = 18

/**
 * Types whose binary form cannot be read as a card number, though its bytes may happen to look like one: bool, small integers, OIDs and
 * their aliases, dates and times, addresses, uuid, bit strings, and ranges of small or temporal values.
 */
export const PLAIN_BINARY: ReadonlySet<number> = new Set([
  16, 21, 23, 24, 26, 27, 28, 29, 650, 700, 774, 829, 869, 1082, 1083, 1114, 1184, 1186, 1266, 1560, 1562, 2202, 2203,
  2204, 2205, 2206, 2950, 2970, 3220, 3734, 3769, 3904, 3908, 3910, 3912, 4089, 4096, 4191, 4451, 4533, 4534, 4535,
])
