import { parentPort } from 'node:worker_threads'
import { createClassifier } from '../classify/sql/classify.ts'
import { createParser } from '../classify/sql/parse.ts'
import type { Catalog } from '../model/catalog.ts'
import { loadGrammar } from './grammar.ts'
import type { Answer, Job } from './job.ts'

/** Reads one text at a time and posts the facts, never the tree: deep trees do not survive the copy. */
async function serve(): Promise<void> {
  const port = parentPort
  if (port === null) return
  const parser = await createParser({ grammar: await loadGrammar(), maxBytes: Number.MAX_SAFE_INTEGER })
  const classify = createClassifier({ parse: parser.parse })
  let catalog: Catalog | undefined
  port.on('message', (job: Job) => {
    if (job.catalog !== 'same') catalog = job.catalog
    const { searchPath, dirty } = job
    const facts = classify(parser.parse(job.text), { catalog, searchPath, dirty, names: () => undefined })
    port.postMessage({ id: job.id, facts } satisfies Answer)
  })
  port.postMessage('ready')
}

await serve()
