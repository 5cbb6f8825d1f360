import { isName, targetName } from '../model/ids.ts'
import type { ApprovalId, CredentialId, SessionId, TargetName } from '../model/ids.ts'

/** The id where `text` has its form, else undefined: what has no id's form is not looked up at all. */
export const approvalId = (text: string): ApprovalId | undefined =>
  /^a_[0-9a-z]{12}$/.test(text) ? (text as ApprovalId) : undefined

export const sessionId = (text: string): SessionId | undefined =>
  /^s_[0-9a-z]{20}$/.test(text) ? (text as SessionId) : undefined

export const credentialId = (text: string): CredentialId | undefined =>
  /^c_[0-9a-z]{12}$/.test(text) ? (text as CredentialId) : undefined

export const asTarget = (text: string): TargetName | undefined => (isName(text) ? targetName(text) : undefined)
