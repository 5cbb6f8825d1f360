import type { Context } from 'hono'
import { z } from 'zod'
import type { SessionId } from '../model/ids.ts'
import { askerOf } from './asker.ts'
import { check } from './body.ts'
import { ExportQuery, FindQuery, PageQuery, Places, RecordingPage } from './evidence-schemas.ts'
import { sessionId } from './ids.ts'
import type { EvidencePort } from './ports.ts'
import { Problem, respondProblem } from './problem.ts'
import { NO_BODY, route, type Caller, type Route } from './route.ts'
import { streamOf } from './stream.ts'

const PATH = '/api/v1/recordings/:id'

/** One recording: whoever watches sees each, anybody else their own. A recording that may not be seen is none. */
export function recordingRoutes({ evidence }: { readonly evidence: EvidencePort }) {
  return {
    recordingEvents: route(
      {
        method: 'get',
        path: `${PATH}/events`,
        summary: 'A page of recorded events from a line, or from a moment (`at`), on; the viewing is recorded too',
        body: NO_BODY,
        query: PageQuery,
        answer: RecordingPage,
      },
      async ({ viewer, address, id, query: { from, at, limit } }) => {
        const recording = sessionId(id)
        if (recording === undefined) return new Problem('not-found')
        const start = at === undefined ? from : { at }
        const page = await evidence.page({ recording, from: start, limit }, askerOf(viewer, address))
        return page === undefined ? new Problem('not-found') : page
      },
    ),
    recordingSearch: route(
      {
        method: 'get',
        path: `${PATH}/search`,
        summary: 'Statements of one recording that hold a text, in order; the search is recorded too',
        body: NO_BODY,
        query: FindQuery,
        answer: Places,
      },
      async ({ viewer, address, id, query: { text, from } }) => {
        const recording = sessionId(id)
        if (recording === undefined) return new Problem('not-found')
        const found = await evidence.find({ recording, text, from }, askerOf(viewer, address))
        if (found === undefined) return new Problem('not-found')
        const { items, next, complete } = found
        return { places: items, next: next === null ? null : Number(next), complete }
      },
    ),
    recordingExport: exportRoute(evidence),
  }
}

function exportRoute(evidence: EvidencePort): Route {
  return {
    method: 'get',
    path: `${PATH}/export`,
    summary: 'A whole recording as lines of JSON or as one page of HTML; the export is recorded too',
    body: NO_BODY,
    query: ExportQuery,
    answer: z.string(),
    status: 200,
    media: 'application/x-ndjson',
    async respond(c, caller) {
      const answer = await respondExport(c, caller, evidence)
      return answer instanceof Problem ? respondProblem(c, answer) : answer
    },
  }
}

const MEDIA = { jsonl: 'application/x-ndjson', html: 'text/html; charset=utf-8' } as const

async function respondExport(
  c: Context,
  { viewer, address }: Caller,
  evidence: EvidencePort,
): Promise<Response | Problem> {
  if (viewer === undefined) return new Problem('not-signed-in')
  const query = check(ExportQuery, c.req.query())
  if (query instanceof Problem) return query
  const { format } = query
  const recording = sessionId(c.req.param('id') ?? '')
  const lines = recording && (await evidence.lines({ recording, format }, askerOf(viewer, address)))
  if (recording === undefined || lines === undefined) return new Problem('not-found')
  return c.body(streamOf(withNewlines(lines)), 200, {
    'Content-Type': MEDIA[format],
    'Content-Disposition': `attachment; filename="${fileName(recording)}.${format}"`,
    // The page has a policy of its own; a browser that shows it nevertheless runs nothing.
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
  })
}

const fileName = (recording: SessionId): string => `countersign-${recording}`

async function* withNewlines(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`
}
