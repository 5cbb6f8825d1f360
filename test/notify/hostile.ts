import type { RequestEvent } from '../../src/access/requests.ts'
import type { SqlFacts } from '../../src/model/facts.ts'
import type { RequestId } from '../../src/model/access-request.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import type { ApprovalId, SessionId } from '../../src/model/ids.ts'
import type { Occasion } from '../../src/model/occasion.ts'
import { approvalNotice } from '../../src/notify/message.ts'
import type { Notice } from '../../src/notify/notice.ts'
import { occasionNotice } from '../../src/notify/occasion-message.ts'
import { requestNotice } from '../../src/notify/request-message.ts'

export const PAN = '4111111111111111'
const LITERAL = 'secret-of-a-statement'
const PUBLIC = 'https://countersign.example/'
const scrub = (text: string): string => text.replaceAll(PAN, '411111******1111')

/** What somebody may call a table, a class or a rule's message to get at a chat, a card, a mail or the people who read them. */
export const HOSTILE = [
  '<!channel> <@U024BE7LH> <https://evil.example|Approve here>',
  '[Approve](https://evil.example/ok) ![x](https://evil.example/x.png)',
  '**approved** ~~denied~~ `code` # heading > quote | cell',
  '<at>everyone</at> <img src=x onerror=alert(1)> &lt;b&gt;',
  'one\r\nBcc: everybody@evil.example\r\n\r\nanother body',
  '\u202e\u200b\u2066lies\u2069 \u001b[31mred\u0007',
  `card ${PAN} www.evil.example http://169.254.169.254/`,
  ':white_check_mark: @here #general',
  'x'.repeat(100_000),
]

const facts = (name: string): SqlFacts => ({
  ...{
    kind: 'sql',
    verb: 'delete',
    verbs: ['delete'],
    effects: ['write'],
    reads: [],
    columns: [],
    names: [],
    copy: undefined,
  },
  ...{ filtered: false, functions: [], settings: [], classes: [name], probes: [], output: { kind: 'none' } },
  writes: [{ oid: 1, schema: name, name, kind: 'table', classes: [], system: false, via: undefined }],
  ...{ changesCatalog: false, complete: false, gaps: [LITERAL], span: { start: 0, end: 1 } },
  ...{ clearLiterals: 'all', clearParameters: 'all' },
})

/** Every kind of message with that text wherever somebody else's text may stand. */
export const notices = (name: string): readonly Notice[] => [
  approvalNotice({
    ...{ kind: 'approval.opened', at: 0, id: 'a_abcdefghij01' as ApprovalId, state: 'open', expiresAt: 60_000 },
    ...{ person: personName('alice'), target: targetName('cards'), session: 's_1' as SessionId },
    matches: [{ rule: 'pci/x', effect: 'hold', severity: 'high', message: name }],
    ...{ facts: [facts(name)], publicUrl: PUBLIC, scrub },
  }),
  requestNotice({ event: request(name), at: 0, publicUrl: PUBLIC, scrub }),
  occasionNotice({ occasion: occasion(name), at: 0, publicUrl: PUBLIC, scrub }),
]

const request = (name: string): RequestEvent => ({
  kind: 'opened',
  notify: [],
  request: {
    ...{ id: 'r_abcdefghij01' as RequestId, person: personName('alice'), human: personName('alice') },
    ...{
      target: targetName('cards'),
      rights: 'all',
      forMs: 1_800_000,
      reason: name,
      ticket: name,
      renews: undefined,
      state: 'open',
    },
    ...{ rule: name, message: name, stages: [], eligible: [], decisions: [], createdAt: 0, expiresAt: 60_000 },
    ...{ escalated: 0, settledAt: undefined, grant: undefined },
  },
})

const occasion = (name: string): Occasion => ({
  ...{ kind: 'break-glass.used', subject: 'approval:a_abcdefghij01', by: name, person: personName('alice') },
  ...{ target: targetName('cards'), facts: [{ label: 'Incident', text: name }], path: '/approvals/a_abcdefghij01' },
  channels: [],
})
