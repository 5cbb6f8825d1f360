import { ASSERTION, KEY, PROPOSAL, REGISTRATION } from './identity-fakes.ts'

const V1 = '/api/v1'

/** What each of the people gets from each route of identity; `-` is nobody. Written by hand, like the rest of the table in `api.test.ts`. */
export const IDENTITY_CELLS = {
  passkeyLoginOptions: { path: `${V1}/login/passkey/options`, body: {}, answers: { '-': 200 } },
  passkeyLogin: { path: `${V1}/login/passkey`, body: { response: ASSERTION }, answers: { '-': 200 } },
  factors: { path: `${V1}/factors`, answers: { '-': 401, alice: 200, bob: 200, carol: 200, dan: 200, adam: 200 } },
  factorOptions: {
    path: `${V1}/factors/options`,
    body: { purpose: 'approve a_1' },
    answers: { '-': 401, alice: 200, bob: 200, carol: 200, dan: 200, adam: 200 },
  },
  changePassword: {
    path: `${V1}/password`,
    body: { password: 'x', newPassword: 'y', factor: '100001' },
    answers: { '-': 401, alice: 200, bob: 200, carol: 200, dan: 200, adam: 200 },
  },
  passkeyOptions: {
    path: `${V1}/passkeys/options`,
    body: {},
    answers: { '-': 401, alice: 200, bob: 200, carol: 200, dan: 200, adam: 200 },
  },
  registerPasskey: {
    path: `${V1}/passkeys`,
    body: { response: REGISTRATION, name: 'phone', factor: '100001' },
    answers: { '-': 401, alice: 201, bob: 201, carol: 201, dan: 201, adam: 201 },
  },
  renamePasskey: {
    path: `${V1}/passkeys/${KEY}/rename`,
    body: { name: 'desk' },
    answers: { '-': 401, alice: 200, bob: 404, carol: 404, dan: 404, adam: 404, mallory: 404 },
  },
  removePasskey: {
    path: `${V1}/passkeys/${KEY}/remove`,
    body: { factor: '100001' },
    answers: { '-': 401, alice: 200, bob: 404, carol: 404, dan: 404, adam: 404, mallory: 404 },
  },
  codeOptions: {
    path: `${V1}/factors/totp/options`,
    body: {},
    answers: { '-': 401, alice: 200, bob: 200, carol: 200, dan: 200, adam: 200 },
  },
  enrolCode: {
    path: `${V1}/factors/totp`,
    body: { ticket: 'ticket', code: '123456', factor: '100001' },
    answers: { '-': 401, alice: 200, bob: 200, carol: 200, dan: 200, adam: 200 },
  },
  listProposals: {
    path: `${V1}/proposals`,
    answers: { '-': 401, alice: 403, bob: 403, carol: 200, dan: 200, adam: 200 },
  },
  propose: {
    path: `${V1}/proposals`,
    body: { kind: 'roles', person: 'mallory', roles: ['approver'], factor: '100001' },
    answers: { '-': 401, alice: 403, bob: 403, carol: 403, dan: 403, adam: 201 },
  },
  confirmProposal: {
    path: `${V1}/proposals/${PROPOSAL}/confirm`,
    body: { factor: '100001' },
    answers: { '-': 401, alice: 403, bob: 403, carol: 403, dan: 403, adam: 200 },
  },
  rejectProposal: {
    path: `${V1}/proposals/${PROPOSAL}/reject`,
    body: { factor: '100001' },
    answers: { '-': 401, alice: 403, bob: 403, carol: 403, dan: 403, adam: 200 },
  },
  invite: {
    path: `${V1}/invites`,
    body: { person: 'eve', roles: ['engineer'], factor: '100001' },
    answers: { '-': 401, alice: 403, bob: 403, carol: 403, dan: 403, adam: 201 },
  },
} satisfies Record<string, { path: string; method?: string; body?: unknown; answers: Record<string, number> }>
