import type { ActionFacts, CommandFacts, FileFacts, ForwardFacts, PathUse } from '../../src/model/action-facts.ts'
import { targetName } from '../../src/model/ids.ts'
import { person } from './builders.ts'

/** Facts of a complete `ls`, changed where the test says so. */
export const command = (changes: Partial<CommandFacts> = {}): CommandFacts => ({
  kind: 'command',
  effects: ['listing'],
  program: 'ls',
  word: 'ls',
  arguments: [],
  options: [],
  paths: [],
  via: [],
  account: undefined,
  readsFrom: [],
  writesTo: [],
  background: false,
  complete: true,
  gaps: [],
  span: { start: 0, end: 0 },
  ...changes,
})

export const path = (name: string, does: PathUse['does'] = 'read'): PathUse => ({
  path: name,
  absolute: name.startsWith('/'),
  does,
})

export const file = (changes: Partial<FileFacts> = {}): FileFacts => ({
  ...{ kind: 'file', effects: ['file-read'], by: 'sftp', operation: 'read', complete: true, gaps: [] },
  paths: [path('/srv/export.csv')],
  ...changes,
})

export const forward = (changes: Partial<ForwardFacts> = {}): ForwardFacts => ({
  ...{ kind: 'forward', effects: ['network'], direction: 'local', host: 'db.internal', port: 5432 },
  ...{ complete: true, gaps: [] },
  ...changes,
})

export const shell: ActionFacts = { kind: 'shell', effects: ['shell'], complete: true, gaps: [] }

/** What a frame over SSH asks of the policy. */
export const actions = (facts: readonly ActionFacts[], tags: readonly string[] = []) => ({
  facts,
  principal: person(),
  target: { name: targetName('web-1'), protocol: 'ssh', database: '', account: 'deploy', tags } as const,
})
