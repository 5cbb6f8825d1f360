import { mkdtempSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { fromBase32 } from '../../src/access/base32.ts'
import { createCredentials } from '../../src/access/credentials.ts'
import { deriveKey, newMasterKey } from '../../src/access/node-key.ts'
import { codeAt } from '../../src/access/totp.ts'
import type { Config } from '../../src/config/load.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import { serveSshConnection, type FailedSshEntry, type SshConnectionDeps } from '../../src/proxy/ssh/connection.ts'
import type { SshEntered } from '../../src/proxy/ssh/entered.ts'
import { createStartups, STARTUP_LIMITS } from '../../src/proxy/ssh/startups.ts'
import { readUserAuthorities } from '../../src/proxy/ssh/authorities.ts'
import { listen } from '../../src/proxy/listener.ts'
import { openSshAccess } from '../../src/wiring/ssh-access.ts'
import { entry } from '../access/entry.ts'
import { admin, credentialId, grantsOf, seedPeople } from '../store/scratch.ts'

export const WEB = targetName('web-1')
const DB = targetName('db-1')

/** The SSH door over a store in memory and a clock that stands still; whoever comes in gets one answer to every command. */
export async function sshDoor(t: TestContext, options: Partial<SshConnectionDeps> = {}) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-ssh-door-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const hall = entry(t)
  const { store, clock } = hall
  const access = openSshAccess({ config: configOf(folder), store, clock })
  if (access.door === undefined) throw new Error('there is no door')
  const credentials = createCredentials({
    ...{ store: store.credentials, clock, newId: credentialId },
    key: deriveKey(newMasterKey(), 'scram-salt'),
  })
  const grants = grantsOf(hall)
  const failures: FailedSshEntry[] = []
  const entered: SshEntered[] = []
  const sockets: Socket[] = []
  const door = access.door
  const deps: SshConnectionDeps = {
    ...{ credentials, grants, lockout: hall.lockout, keys: access.keys, certificates: access.certificates },
    ...{ authorities: door.authorities, hostKey: door.hostKey, targets: [WEB, DB] },
    isPerson: async (name) => {
      const found = await store.people.find({ name })
      return found !== undefined && found.disabledAt === undefined && !found.service
    },
    verifyFactor: (proof) => hall.login.verifyFactor(proof),
    now: () => clock.now(),
    startups: createStartups(STARTUP_LIMITS, () => clock.now()),
    ...{ handshakeMs: 10_000, loginMs: 120_000, after: (ms, callback) => clock.after(ms, callback) },
    onFailed: (failure) => void failures.push(failure),
    enter: (one) => {
      entered.push(one)
      return answering(one)
    },
    ...options,
  }
  const listener = await listen({
    ...{ host: '127.0.0.1', port: 0, maxConnections: 200 },
    serve: (socket) => {
      sockets.push(socket)
      return serveSshConnection(socket, deps)
    },
  })
  t.after(async () => {
    for (const socket of sockets) socket.destroy()
    await listener.close()
  })
  await seedPeople(hall, { alice: ['engineer'], bob: ['engineer'] })
  return {
    ...hall,
    ...{ hall, folder, access, door, credentials, grants, failures, entered, deps, port: listener.port },
    /** A grant for an hour. */
    async grant(person: string, target = WEB) {
      const made = await grants.grant({ person: personName(person), target, forMs: 3_600_000, reason: 'a test' }, admin)
      if (made.outcome !== 'granted') throw new Error(made.why)
      return made.grant
    },
    /** A credential under a new grant. */
    async credential(person: string, target = WEB): Promise<string> {
      const grant = await this.grant(person, target)
      const wanted = { person: personName(person), target, grant, ttlMs: 900_000, service: false }
      const minted = await credentials.mint(wanted, admin)
      if (minted.outcome !== 'minted') throw new Error(minted.why)
      return minted.secret.reveal()
    },
    /** A second factor: gives what shows its code of now; each call moves the clock on, so that no code is used twice. */
    async factor(person: string): Promise<() => string> {
      const enrolled = await hall.factors.enrol(personName(person), admin)
      const secret = fromBase32(enrolled?.secret.reveal() ?? '')
      if (secret === undefined) throw new Error('no factor')
      return () => {
        clock.advance(30_000)
        return codeAt(secret, clock.now())
      }
    },
    async key(person: string, line: string) {
      const added = await access.keys.add({ person: personName(person), text: line, name: undefined }, admin)
      if (added.outcome !== 'added') throw new Error(added.why)
      return added.key
    },
    /** Our own CA and one of a file. */
    authoritiesWith: (file: string, checksFactor: boolean) => [
      ...door.authorities(),
      ...readUserAuthorities([{ file, checksFactor }], door.targets).slice(1),
    ],
  }
}

export type Door = Awaited<ReturnType<typeof sshDoor>>

const LOCAL = { host: '127.0.0.1', port: 0 }

/** Only what the door reads of it. */
export const configOf = (data: string): Config => ({
  ...{ file: '', publicUrl: '', listen: { postgres: LOCAL, ssh: LOCAL, http: LOCAL }, tls: undefined },
  ...{ ssh: { userCa: [] }, data, policies: '', targets: new Map(), notify: [] },
  egress: { hosts: [], allowPrivate: false },
  limits: {
    ...{ maxStatementBytes: 1, maxInboxBytes: 1, handshakeTimeout: 1, idleTimeout: 1, serviceIdleTimeout: 1 },
    ...{ sessions: 1, sessionsPerPerson: 1, sessionsPerSource: 1, holdsPerPerson: 1, messagesPerHour: 1 },
    ...{ recordedRows: 1, recordedOutput: 1 },
  },
})

/** Says who came in, to every command and shell. */
function answering({ connection, person, target, how }: SshEntered): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  connection.on('close', () => resolve(undefined))
  connection.on('session', (accept) => {
    accept().on('exec', (take) => {
      const channel = take()
      channel.write(`${person} is on ${target} by ${how}\n`)
      channel.exit(0)
      channel.end()
    })
  })
  return promise
}
