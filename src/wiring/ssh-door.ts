import type { Socket } from 'node:net'
import type { Config, SshTargetConfig } from '../config/load.ts'
import type { TargetName } from '../model/ids.ts'
import { serveSshConnection, type FailedSshEntry, type SshConnectionDeps } from '../proxy/ssh/connection.ts'
import { createStartups, STARTUP_LIMITS } from '../proxy/ssh/startups.ts'
import type { Clock } from '../std/clock.ts'
import type { Access } from './access.ts'
import type { SshAccess, SshDoorKeys } from './ssh-access.ts'

export interface SshDoorWiring {
  readonly config: Config
  readonly clock: Clock
  readonly access: Access
  readonly ssh: SshAccess
  readonly onFailedLogin: (entry: FailedSshEntry) => void
  readonly enter: SshConnectionDeps['enter']
}

/** From accept to the end of the login: a person looks for a code meanwhile. As sshd has it. */
const LOGIN_MS = 120_000

/** What serves one connection of the SSH listener, up to the session that `enter` runs. `keys` are those of `ssh.door`. */
export function sshDoor(wiring: SshDoorWiring, keys: SshDoorKeys): (socket: Socket) => Promise<void> {
  const { config, clock, access, ssh } = wiring
  const { credentials, grants, lockout, login, people } = access
  const deps: SshConnectionDeps = {
    ...{ credentials, grants, lockout, keys: ssh.keys, certificates: ssh.certificates },
    ...{ authorities: keys.authorities, hostKey: keys.hostKey },
    startups: createStartups(STARTUP_LIMITS, () => clock.now()),
    targets: sshTargets(config).map(([name]) => name),
    async isPerson(name) {
      const found = await people.find(name)
      return found !== undefined && found.disabledAt === undefined && !found.service
    },
    verifyFactor: (proof) => login.verifyFactor(proof),
    now: () => clock.now(),
    after: (ms, callback) => clock.after(ms, callback),
    handshakeMs: config.limits.handshakeTimeout,
    loginMs: LOGIN_MS,
    onFailed: wiring.onFailedLogin,
    enter: wiring.enter,
  }
  return (socket) => serveSshConnection(socket, deps)
}

/** The configured targets that speak SSH. */
export const sshTargets = ({ targets }: Pick<Config, 'targets'>): readonly (readonly [TargetName, SshTargetConfig])[] =>
  [...targets].flatMap(([name, target]) => (target.protocol === 'ssh' ? [[name, target] as const] : []))
