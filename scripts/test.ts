import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'

// Everything, servers included. The end-to-end files start their own servers, so they run one after the other.
const unit = globSync('test/**/*.test.ts')
  .filter((file) => !file.startsWith('test/e2e/'))
  .sort()
const e2e = globSync('test/e2e/**/*.test.ts').sort()

const runs = [
  ['--test', '--test-concurrency=2', '--test-timeout=60000', ...unit],
  ['--test', '--test-concurrency=1', '--test-timeout=300000', ...e2e],
]
let status = 0
for (const args of runs) {
  if (!args.some((arg) => arg.endsWith('.test.ts'))) continue
  status ||= spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1
}
process.exit(status)
