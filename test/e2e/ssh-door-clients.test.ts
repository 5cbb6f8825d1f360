import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { ended, openSsh } from '../support/openssh.ts'
import { sshDoor } from '../support/ssh-door.ts'

describe('another library', () => {
  const PYTHON = '/usr/bin/python3'
  const CASES = [
    ['paramiko', "refused: AuthenticationException\nleft: ['keyboard-interactive']\nalice is on web-1 by key\n"],
    ['asyncssh', 'alice is on web-1 by key\n'],
  ] as const
  for (const [library, said] of CASES)
    test(`${library} logs in by key and one-time code, after a wrong password too`, async (t) => {
      if (spawnSync(PYTHON, ['-c', `import ${library}`]).status !== 0) {
        assert.notEqual(process.env['CI'], 'true', `${library} is not installed: run scripts/setup.sh test`)
        t.skip(`${library} is not installed`)
        return
      }
      const door = await sshDoor(t)
      const ssh = openSsh(door.folder, door.port, door.door.hostKey.line)
      const file = ssh.keygen('id')
      await door.grant('alice')
      const code = await door.factor('alice')
      await door.key('alice', readFileSync(`${file}.pub`, 'utf8'))
      const script = new URL('./drivers/ssh_two_steps.py', import.meta.url).pathname
      const words = ['-W', 'ignore', script, library, String(door.port), file, code(), 'cs_wrong']
      const { code: status, out, err } = await ended(PYTHON, words)
      assert.deepEqual([status, out], [0, said], err)
    })
})
