import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { startApp, type App } from '../../src/app.ts'
import type { Stage } from '../../src/cli/demo/stage.ts'
import { mintFor } from '../../src/cli/demo/people.ts'
import type { Config } from '../../src/config/load.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import { systemClock } from '../../src/std/clock.ts'

const ACTOR = { by: 'test', origin: 'local' }

export interface SecondNode {
  readonly app: App
  readonly data: string
  /** What libpq reads for somebody new with a grant; a program where an owner is named. */
  login(name: string, owner?: string): Promise<Readonly<Record<string, string>>>
  /** Why the node ended by itself, if it did. */
  readonly fatal: readonly string[]
  stop(): Promise<void>
}

export interface Otherwise {
  readonly limits?: Partial<Config['limits']>
  /** A further pack, as YAML. */
  readonly pack?: string
}

/** Another node before a stage's target, with a folder of its own and other settings than the stage's. */
export async function secondNode(stage: Stage, name: string, { limits, pack }: Otherwise): Promise<SecondNode> {
  const { config } = stage
  const data = path.join(stage.folder, name)
  mkdirSync(data, { mode: 0o700 })
  const policies = path.join(data, 'policies')
  cpSync(config.policies, policies, { recursive: true })
  if (pack !== undefined) writeFileSync(path.join(policies, 'further.yaml'), pack)
  const loopback = { host: '127.0.0.1', port: 0 }
  const quiet = (): void => undefined
  const fatal: string[] = []
  const app = await startApp({
    config: {
      ...{ ...config, data, policies, limits: { ...config.limits, ...limits } },
      listen: { ...config.listen, postgres: loopback, http: loopback },
    },
    ...{ clock: systemClock, log: { info: quiet, warn: quiet, error: quiet }, version: '0' },
    onFatal: (why) => fatal.push(why),
  })
  return {
    ...{ app, data, fatal },
    async login(login, owner) {
      const [person, cards] = [personName(login), targetName('cards')]
      const owned = owner === undefined ? {} : { owner: personName(owner), serviceOf: cards }
      const added = await app.access.people.add({ name: person, roles: ['engineer'], ...owned }, ACTOR)
      if (!added.ok) throw new Error(added.reason)
      await app.access.grants.grant({ person, target: cards, forMs: 3_600_000, reason: 'a test' }, ACTOR)
      const secret = await mintFor(app.access, login)
      return { PGPORT: String(app.ports.postgres), PGUSER: `${login}@cards`, PGPASSWORD: secret.reveal() }
    },
    stop: () => app.stop(),
  }
}
