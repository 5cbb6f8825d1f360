import { isName, targetName } from '../model/ids.ts'
import type { ProposalId } from '../access/proposal.ts'
import type { RequestId } from '../model/access-request.ts'
import type { ApprovalId, CredentialId, GrantId, ReviewId, ScriptId, SessionId, TargetName } from '../model/ids.ts'

/** The id where `text` has its form, else undefined: what has no id's form is not looked up at all. */
export const approvalId = (text: string): ApprovalId | undefined =>
  /^a_[0-9a-z]{12}$/.test(text) ? (text as ApprovalId) : undefined

export const sessionId = (text: string): SessionId | undefined =>
  /^s_[0-9a-z]{20}$/.test(text) ? (text as SessionId) : undefined

export const credentialId = (text: string): CredentialId | undefined =>
  /^c_[0-9a-z]{12}$/.test(text) ? (text as CredentialId) : undefined

export const requestId = (text: string): RequestId | undefined =>
  /^r_[0-9a-z]{12}$/.test(text) ? (text as RequestId) : undefined

export const grantId = (text: string): GrantId | undefined =>
  /^g_[0-9a-z]{12}$/.test(text) ? (text as GrantId) : undefined

export const scriptId = (text: string): ScriptId | undefined =>
  /^x_[0-9a-z]{12}$/.test(text) ? (text as ScriptId) : undefined

export const proposalId = (text: string): ProposalId | undefined =>
  /^p_[0-9a-z]{12}$/.test(text) ? (text as ProposalId) : undefined

export const reviewId = (text: string): ReviewId | undefined =>
  /^v_[0-9a-z]{12}$/.test(text) ? (text as ReviewId) : undefined

export const asTarget = (text: string): TargetName | undefined => (isName(text) ? targetName(text) : undefined)
