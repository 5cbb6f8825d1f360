import { nodeFiles } from '../../src/recording/files.ts'
import { openSigner } from '../../src/recording/keys.ts'
import { openLedger } from '../../src/recording/ledger.ts'
import { createRecorder } from '../../src/recording/writer.ts'
import { systemClock } from '../../src/std/clock.ts'
import { header, result, statement } from './node.ts'

// Writes through the real recorder until it is killed, and tells after each handOver how far it came.
const [folder = '', keys = '', session = ''] = process.argv.slice(2)
const signer = openSigner({ keys, recordings: folder })
const own = {
  folder,
  files: nodeFiles,
  clock: systemClock,
  signer,
  node: 'n1',
  version: '0.1.0',
  onFailure: () => process.exit(9),
}
const { ledger } = await openLedger(own)
const recording = createRecorder({ ...own, ledger }).open(header(session))
for (let number = 1; ; number += 1) {
  recording.append(statement(number, { text: ['SELECT ', 'x'.repeat(number % 5000)] }))
  recording.handOver()
  if (number % 50 === 0) process.stdout.write(`${number}\n`)
  recording.append(result(number))
  if (number % 200 === 0) await recording.settle()
}
