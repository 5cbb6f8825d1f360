import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import path from 'node:path'

/** Ends to end, but with a clock in hand, or with an eye on every process of the machine: these have it to themselves. */
const ALONE: ReadonlySet<string> = new Set(
  [
    ...['access-ends', 'attacks-load', 'bad-input', 'console-approvals', 'console-replay', 'demo'],
    ...['embedded-postgres', 'ssh-floods'],
  ].map((name) => `${name}.test.ts`),
)

// Everything, servers included. End-to-end files start servers of their own on free ports; most wait more than they work, so two go side by side.
const unit = globSync('test/**/*.test.ts')
  .filter((file) => !file.startsWith('test/e2e/'))
  .sort()
const e2e = globSync('test/e2e/**/*.test.ts').sort()
const isAlone = (file: string): boolean => ALONE.has(path.basename(file))

const runs = [
  ['--test', '--test-concurrency=2', '--test-timeout=60000', ...unit],
  ['--test', '--test-concurrency=2', '--test-timeout=300000', ...e2e.filter((file) => !isAlone(file))],
  ['--test', '--test-concurrency=1', '--test-timeout=300000', ...e2e.filter(isAlone)],
]
let status = 0
for (const args of runs) {
  if (!args.some((arg) => arg.endsWith('.test.ts'))) continue
  // A failure in one group does not hide what the next would have shown.
  const ended = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1
  status ||= ended
}
process.exit(status)
