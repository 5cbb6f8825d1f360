import path from 'node:path'
import type { TestContext } from 'node:test'
import { createChecker } from '../../src/evidence/check-thread.ts'
import { createEvidenceDesk } from '../../src/evidence/desk.ts'
import { createScreens } from '../../src/evidence/screen-thread.ts'
import { openIndex } from '../../src/evidence/index-thread.ts'
import type { Asker } from '../../src/evidence/questions.ts'
import type { AccountRecord, GrantRecord } from '../../src/evidence/store.ts'
import { scrub } from '../../src/mask/scrub.ts'
import { personName } from '../../src/model/ids.ts'
import type { LedgerNote } from '../../src/model/ledger.ts'
import { scratch, startNode } from '../recording/node.ts'

export const CAROL: Asker = { by: personName('carol'), origin: '192.0.2.9', sees: 'everything' }
export const ALICE: Asker = { by: personName('alice'), origin: '192.0.2.1', sees: { person: personName('alice') } }

/** A desk over a real node's recordings and a store of two lists. */
export async function deskWorld(test: TestContext) {
  const data = scratch(test)
  const node = await startNode(data)
  const troubles: string[] = []
  const notes: LedgerNote[] = []
  const store = { grants: [] as GrantRecord[], accounts: [] as AccountRecord[] }
  const index = openIndex({
    path: path.join(data, 'index.db'),
    root: node.folder,
    onTrouble: (message) => troubles.push(message),
  })
  const checker = createChecker()
  const screens = createScreens(node.folder)
  test.after(() => Promise.all([index.close(), checker.close(), screens.close()]))
  const desk = createEvidenceDesk({
    ...{ index, checker, screens, clock: node.clock, root: node.folder, node: 'n1', version: '0.1.0', scrub },
    store: { grants: () => Promise.resolve(store.grants), accounts: () => Promise.resolve(store.accounts) },
    settled: () => Promise.resolve(),
    policyVersion: () => '0123456789abcdef',
    async record(note) {
      notes.push(note)
      await node.ledger.record(note)
    },
  })
  return { data, node, index, desk, store, notes, troubles }
}
