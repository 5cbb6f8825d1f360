/** Pieces of text that are handed on together, in characters. */
const BATCH = 64 * 1024

/** Text as a body that is made while it is sent: whoever reads slowly keeps it waiting, whoever leaves ends it. */
export function streamOf(pieces: Iterable<string> | AsyncIterable<string>): ReadableStream<Uint8Array> {
  const iterator = batches(pieces)
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await iterator.next()
      if (next.done === true) controller.close()
      else controller.enqueue(encoder.encode(next.value))
    },
    async cancel() {
      await iterator.return(undefined)
    },
  })
}

async function* batches(pieces: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string, undefined> {
  let batch = ''
  for await (const piece of pieces) {
    batch += piece
    if (batch.length < BATCH) continue
    yield batch
    batch = ''
  }
  if (batch !== '') yield batch
  return undefined
}
