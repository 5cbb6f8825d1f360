import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callName } from '../../../src/cli/demo/welcome.ts'

for (const [env, call, how] of [
  [{ npm_lifecycle_event: 'demo', npm_command: 'run-script' }, 'npm run -s countersign --', 'npm run demo'],
  [{ npm_lifecycle_event: 'npx', npm_command: 'exec' }, 'npx countersign', 'npx countersign demo'],
  [{}, 'countersign', 'an installed countersign'],
] as const) {
  test(`started by ${how}, the demo tells people to write "${call}"`, () => {
    assert.equal(callName(env), call)
  })
}
