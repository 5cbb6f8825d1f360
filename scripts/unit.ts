import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'

// Every test that needs no server: all of test/ but test/e2e. Arguments narrow it: `npm run unit -- mask policy`.
const wanted = process.argv.slice(2)
const files = globSync('test/**/*.test.ts')
  .filter((file) => !file.startsWith('test/e2e/'))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort()

if (files.length === 0) {
  console.error('no test file matches')
  process.exit(2)
}

const run = spawnSync(process.execPath, ['--test', '--test-concurrency=2', '--test-timeout=60000', ...files], {
  stdio: 'inherit',
})
process.exit(run.status ?? 1)
