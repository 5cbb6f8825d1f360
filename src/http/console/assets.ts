import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Context } from 'hono'

/** The static files beside this one. Another one is a row here and a file in `static/`. */
const TYPES: Readonly<Record<string, string>> = {
  'style.css': 'text/css; charset=utf-8',
  'app.js': 'text/javascript; charset=utf-8',
  'player.js': 'text/javascript; charset=utf-8',
  'screen.js': 'text/javascript; charset=utf-8',
  'sessions.css': 'text/css; charset=utf-8',
  'screen.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
}

interface Asset {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly type: string
  /** Of the content: a changed file has another address, so the old one may be kept for ever. */
  readonly hash: string
}

const ASSETS: ReadonlyMap<string, Asset> = new Map(
  Object.entries(TYPES).map(([name, type]) => {
    const bytes = new Uint8Array(readFileSync(new URL(`./static/${name}`, import.meta.url)))
    return [name, { bytes, type, hash: createHash('sha256').update(bytes).digest('hex').slice(0, 12) }]
  }),
)

/** The address of a static file, with the hash of its content. Throws for a name without a row. */
export function assetPath(name: string): string {
  const asset = ASSETS.get(name)
  if (asset === undefined) throw new RangeError(`no static file ${name}`)
  return `/console/${name}?v=${asset.hash}`
}

/** Answers `GET /console/:name`. */
export function respondAsset(c: Context): Response {
  const asset = ASSETS.get(c.req.param('name') ?? '')
  if (asset === undefined) return c.text('Not found', 404)
  const kept = c.req.query('v') === asset.hash
  return c.body(asset.bytes, 200, {
    'Content-Type': asset.type,
    'Cache-Control': kept ? 'public, max-age=31536000, immutable' : 'no-cache',
  })
}
