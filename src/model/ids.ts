/** A string that only its own maker may produce; the compiler keeps the kinds apart. */
declare const brand: unique symbol
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name }

/** One client connection, from accept to close. `s_` and 20 characters of `[0-9a-z]` from the CSPRNG. */
export type SessionId = Brand<string, 'SessionId'>
/** One hold that asks for countersignatures. `a_` and 12 characters of `[0-9a-z]`. An id, never an authority. */
export type ApprovalId = Brand<string, 'ApprovalId'>
/** A person or service account, `[a-z0-9._-]{1,32}`; never reused, so it is also the person's identity. */
export type PersonName = Brand<string, 'PersonName'>
/** A configured upstream, `[a-z0-9._-]{1,32}`. */
export type TargetName = Brand<string, 'TargetName'>
/** A time-boxed right of one person to one target. `g_` and 12 characters. */
export type GrantId = Brand<string, 'GrantId'>
/** A minted short-lived login secret of one person and target. `c_` and 12 characters. */
export type CredentialId = Brand<string, 'CredentialId'>
/** A script that was submitted ahead of time. `x_` and 12 characters. */
export type ScriptId = Brand<string, 'ScriptId'>
/** An after-review of a use of break-glass. `v_` and 12 characters. */
export type ReviewId = Brand<string, 'ReviewId'>
/** A class of data that packs mask: `pan`, `cvv`, `track`, `holder`, `expiry`, or a site's own. */
export type ClassName = string

const NAME = /^[a-z0-9._-]{1,32}$/

/** Whether `text` may name a person or a target. */
export const isName = (text: string): boolean => NAME.test(text)

/** A script's approval covers all its statements: where one names its approval, it names the script. */
export const approvalOfScript = (id: ScriptId): ApprovalId => String(id) as ApprovalId

/** The script behind an approval's name, if it is one. */
export const scriptBehind = (id: ApprovalId): ScriptId | undefined =>
  id.startsWith('x_') ? (String(id) as ScriptId) : undefined

export const personName = (text: string): PersonName => named(text) as PersonName
export const targetName = (text: string): TargetName => named(text) as TargetName

function named(text: string): string {
  if (!isName(text)) throw new RangeError('a name is 1 to 32 characters of a-z, 0-9, dot, underscore and hyphen')
  return text
}
