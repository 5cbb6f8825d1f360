import { startApp, type App } from '../app.ts'
import { loadConfig } from '../config/load.ts'
import { systemClock } from '../std/clock.ts'
import { asError } from '../std/errors.ts'
import { spareCollector } from '../wiring/collector.ts'
import { createLog } from '../wiring/log.ts'
import { parsed, running } from './command.ts'
import { COMMON } from './command.ts'
import type { ExitCode, Io } from './io.ts'
import { VERSION } from './version.ts'

const USAGE = 'serve [--config countersign.yaml] [--log-level info]'
const OPTIONS = { ...COMMON, config: { type: 'string' }, 'log-level': { type: 'string' } } as const

/** The proxy, the API and the approval page, until a signal ends them. */
export function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  return running({ usage: USAGE, argv, io }, async () => {
    const { values } = parsed(argv, { options: OPTIONS, words: { least: 0, most: 0 } })
    const config = loadConfig(values.config ?? 'countersign.yaml', io.env)
    // Whole files pass over SSH; without it memory stays smaller.
    if (config.listen.ssh !== undefined) spareCollector()
    const log = createLog({ level: values['log-level'] ?? 'info' })
    const { promise: fatal, resolve: onFatal } = Promise.withResolvers<string>()
    // A fault that nobody caught: nothing can be trusted to be recorded any more, so everything ends in order.
    for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
      process.on(event, (thrown: unknown) => {
        log.error({ err: asError(thrown) }, 'an unexpected fault')
        onFatal('an unexpected fault')
      })
    }
    const app = await startApp({ config, clock: systemClock, log, version: VERSION, onFatal })
    await welcomeFirst(app, { publicUrl: config.publicUrl, io })
    log.info({ ...app.ports, targets: [...config.targets.keys()] }, 'countersign is ready')
    const end = await Promise.race([signalled(app), fatal])
    await app.stop()
    log.info({ end }, 'countersign has stopped')
    return end === 'signal' ? 0 : 1
  })
}

/** A node without people: the link for its first admin, on the terminal and nowhere else. A new start makes a new one. */
async function welcomeFirst(
  app: App,
  { publicUrl, io }: { readonly publicUrl: string; readonly io: Io },
): Promise<void> {
  const made = await app.access.invites.first({ by: 'system', origin: 'local' })
  if (made === undefined) return
  const until = new Date(made.expiresAt).toISOString()
  io.err(`\nThis node has no people yet. Its first admin sets up the account here, once, until ${until}:\n\n`)
  io.err(`  ${publicUrl}/welcome/${made.token.reveal()}\n\n`)
}

/** Resolves on the first SIGINT or SIGTERM; SIGHUP reads packs, certificates and the CAs of people again. */
export function signalled(app: App): Promise<'signal'> {
  process.on('SIGHUP', () => void app.reload())
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve('signal'))
  })
}
