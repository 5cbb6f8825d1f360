import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** Compiles the grammar of libpg-query once; every parser of the process is then made from it in some milliseconds. */
export async function loadGrammar(): Promise<WebAssembly.Module> {
  const file = fileURLToPath(import.meta.resolve('libpg-query/wasm/libpg-query.wasm'))
  return WebAssembly.compile(await readFile(file))
}
