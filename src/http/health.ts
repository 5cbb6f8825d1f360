import { z } from 'zod'
import type { HealthPort, MetricsPort } from './ports.ts'
import { Problem } from './problem.ts'
import { prometheus } from './prometheus.ts'
import { NO_BODY, NO_QUERY, openRoute } from './route.ts'
import type { Route } from './route.ts'
import { Health } from './schemas.ts'

/** `/healthz`: the process answers. `/readyz`: everything that must work does. `/metrics`: Prometheus text. */
export function healthRoutes({ health, metrics }: { readonly health: HealthPort; readonly metrics: MetricsPort }) {
  return {
    healthz: openRoute(
      {
        method: 'get',
        path: '/healthz',
        summary: 'Whether the process answers',
        body: NO_BODY,
        query: NO_QUERY,
        answer: Health,
      },
      () => Promise.resolve({ status: 'ok' as const, checks: [] }),
    ),
    readyz: openRoute(
      {
        method: 'get',
        path: '/readyz',
        summary: 'Whether statements can run',
        body: NO_BODY,
        query: NO_QUERY,
        answer: Health,
      },
      async () => {
        const checks = [...(await health.checks())]
        return checks.every(({ ok }) => ok)
          ? { status: 'ok' as const, checks }
          : new Problem('not-ready', undefined, { checks })
      },
    ),
    metrics: metricsRoute(metrics),
  }
}

function metricsRoute(metrics: MetricsPort): Route {
  return {
    method: 'get',
    path: '/metrics',
    summary: 'Prometheus text',
    body: NO_BODY,
    query: NO_QUERY,
    answer: z.string(),
    status: 200,
    media: 'text/plain',
    respond: (c) =>
      Promise.resolve(
        c.body(prometheus(metrics.samples()), 200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }),
      ),
  }
}
