import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const MODULE = fileURLToPath(new URL('../../src/wiring/collector.ts', import.meta.url))

/** Searches of the whole heap while 640 MB of short-lived buffers pass through. */
function searches(first: string): number {
  const work = `${first}
    let last
    for (let round = 0; round < 200; round += 1) {
      for (let at = 0; at < 100; at += 1) last = Buffer.allocUnsafe(32768)
      await new Promise((resolve) => setImmediate(resolve))
    }
    if (last.length === 0) throw new Error()`
  const out = execFileSync(process.execPath, ['--trace-gc', '--input-type=module', '-e', work], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return out.toString().split('Mark-Compact').length - 1
}

test('bytes that pass through are no reason to search the whole heap', () => {
  const [before, after] = [searches(''), searches(`(await import(${JSON.stringify(MODULE)})).spareCollector()`)]
  assert.ok(before > 4, `${before} without it`)
  assert.ok(after < before / 2, `${after} of ${before}`)
})
