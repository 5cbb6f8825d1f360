import { openStore } from '../../src/store/open-store.ts'

/** Started by the kill test: writes numbers for ever and prints each once the store has acknowledged it. */
const [file = '', from = '0'] = process.argv.slice(2)
const store = await openStore({ path: file, onFailure: () => process.exit(3) })
const fields = { at: 1, by: 'local:root', origin: 'local', outcome: 'done', resource: 'test', detail: {} }

for (let n = Number(from) + 1; ; n += 1) {
  await Promise.all([
    store.journal.append({ note: { kind: `n${n}`, ...fields } }),
    store.settings.write({ name: 'last', value: String(n) }),
  ])
  process.stdout.write(`${n}\n`)
}
