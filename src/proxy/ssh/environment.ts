/** Variables that a client may set: they choose language and formats of what programs print. Anything else can change what a command line means. */
const ALLOWED: ReadonlySet<string> = new Set([
  'LANG',
  'LANGUAGE',
  'LC_ADDRESS',
  'LC_ALL',
  'LC_COLLATE',
  'LC_CTYPE',
  'LC_IDENTIFICATION',
  'LC_MEASUREMENT',
  'LC_MESSAGES',
  'LC_MONETARY',
  'LC_NAME',
  'LC_NUMERIC',
  'LC_PAPER',
  'LC_TELEPHONE',
  'LC_TIME',
])
/** E.g. `de_DE.UTF-8@euro`, `en:de`. No slash: a locale may be a path. */
const VALUE = /^[A-Za-z0-9_.@:-]{1,64}$/

/** Whether a variable that a client sends goes on to the target. RFC 4254, section 6.4. */
export const mayPass = (name: string, value: string): boolean => ALLOWED.has(name) && VALUE.test(value)
