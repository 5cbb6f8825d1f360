import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { RuleEffect } from '../../../src/model/verdict.ts'
import { PROBE } from '../../../src/protocol/ssh/carry.ts'
import { sshBench, startTool, type BenchOptions, type SshBench } from '../../support/ssh-bench.ts'
import { withoutSshd } from '../../support/sshd.ts'

/** What is not read by bash is denied, as the shipped pack holds what is not understood. */
const effectOf: NonNullable<BenchOptions['effectOf']> = (statement): RuleEffect =>
  statement.kind === 'shell' && statement.reader === 'unknown' ? 'deny' : 'allow'

const statements = (bench: SshBench): readonly string[] =>
  bench.events.flatMap((event) => (event.kind === 'statement' ? event.text.map(String) : []))

describe('the shell of the account at the target', { skip: withoutSshd, timeout: 60_000 }, () => {
  const benches: SshBench[] = []
  const bench = async (options: BenchOptions): Promise<SshBench> => {
    const made = await sshBench({ effectOf, ...options })
    benches.push(made)
    return made
  }
  const run = ({ options }: SshBench, command: string) =>
    startTool('ssh', [...options, '127.0.0.1', command], null).ended
  let bash: SshBench
  before(async () => {
    bash = await bench({})
  })
  after(() => Promise.all(benches.map((one) => one.stop())))

  test('is asked once, by a line that is judged and recorded like any other', async () => {
    assert.equal((await run(bash, 'echo one')).out.toString(), 'one\n')
    assert.equal((await run(bash, 'echo two')).out.toString(), 'two\n')
    assert.deepEqual(statements(bash), [PROBE, 'echo one', 'echo two'])
  })

  const OTHERS: Readonly<Record<string, string>> = {
    'another shell': 'exec dash -c "$SSH_ORIGINAL_COMMAND"',
    'a program that the host forces on it': 'echo hello from a menu',
    'a program that says too much': 'head -c 100000 /dev/zero',
    'one that says nothing and ends': 'exit 0',
  }
  for (const [what, command] of Object.entries(OTHERS))
    test(`${what} makes every line one that nobody understood, and it is asked for each time`, async () => {
      const other = await bench({ sshd: { settings: [`ForceCommand ${command}`] } })
      for (let time = 0; time < 2; time += 1) {
        const { status, out, err } = await run(other, 'echo one')
        assert.deepEqual([status, out.toString()], [126, ''])
        assert.match(err, /the test says deny/)
      }
      assert.deepEqual(statements(other), [PROBE, 'echo one', PROBE, 'echo one'])
    })

  test('where a rule keeps the question away, is not known', async () => {
    const kept = await bench({
      effectOf: (statement) => (statement.kind === 'shell' && statement.text === PROBE ? 'hold' : effectOf(statement)),
    })
    assert.equal((await run(kept, 'echo one')).status, 126)
  })
})
