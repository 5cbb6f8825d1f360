import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'
import { planted } from './planted.ts'

/** Where something was found, and in which form. */
export interface Leak {
  readonly place: string
  readonly forms: readonly string[]
}

/** Everything below a folder but what has to hold secrets, searched for the planted values. */
export function leaksBelow(folder: string): readonly Leak[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !/(^|\/)(keys|policies)(\/|$)/.test(name) && statSync(path.join(folder, name)).isFile())
    .flatMap((name) => leakIn(name, readFileSync(path.join(folder, name))))
}

export function leakIn(place: string, bytes: Buffer): readonly Leak[] {
  const forms = planted(bytes)
  return forms.length === 0 ? [] : [{ place: `${place}: ${around(bytes, forms)}`, forms }]
}

/** Some text before the first find, so that a failure tells which door it came through. */
function around(bytes: Buffer, forms: readonly string[]): string {
  const text = bytes.toString('latin1')
  const at = Math.max(text.indexOf('QX7731ZW'), text.indexOf('4012888888881881'))
  return at < 0 ? forms.join() : text.slice(Math.max(0, at - 160), at + 40).replace(/[^\x20-\x7e]/g, '.')
}

/** Takes webhooks and keeps their bodies and headers. */
export async function webhookSink(): Promise<{
  readonly url: string
  readonly bodies: readonly string[]
  stop(): void
}> {
  const bodies: string[] = []
  const server = createServer((request, response) => {
    let body = JSON.stringify(request.headers)
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')))
    request.on('end', () => {
      bodies.push(body)
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  return { url: `http://127.0.0.1:${port}/hook`, bodies, stop: () => server.close() }
}
