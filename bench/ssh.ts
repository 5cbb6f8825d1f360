import { mkdirSync, chmodSync } from 'node:fs'
import path from 'node:path'
import { hasNativeCrypto } from '../src/proxy/ssh/native-crypto.ts'
import type { Sample } from './measures.ts'
import { startSshCountersign } from './ssh-countersign.ts'
import { openHost, type BenchHost, type SshRoute } from './ssh-host.ts'
import { commands, echo, logins, together, transfers, type SshMeasure } from './ssh-measures.ts'

export interface SshBench {
  readonly folder: string
  readonly rounds: number
  readonly seconds: number
  readonly megabytes: number
  readonly only: string
  readonly nodeOptions: readonly string[]
  readonly say: (text: string) => void
}

/** The same measures straight to a real sshd and through Countersign, in turn. None where the machine has no sshd, or none is asked for. */
export async function measureSsh(bench: SshBench): Promise<readonly Sample[]> {
  const folder = path.join(bench.folder, 'ssh')
  mkdirSync(folder)
  chmodSync(folder, 0o711)
  const found = await openHost(folder, bench.megabytes)
  if ('missing' in found) {
    bench.say(`ssh is left out: ${found.missing}\n`)
    return []
  }
  bench.say(`ssh2's add-on: ${hasNativeCrypto() ? 'in use' : 'none'}\n`)
  try {
    const countersign = await startSshCountersign(found, folder, bench.nodeOptions)
    try {
      return await inTurn(bench, found, [found.route, countersign.route])
    } finally {
      await countersign.stop()
    }
  } finally {
    await found.host.stop()
  }
}

/** Names begin with `ssh`, so that `--only ssh` is all of them. */
export const sshMeasures = (host: BenchHost, seconds: number): Readonly<Record<string, SshMeasure>> => ({
  'ssh echo': echo(false),
  'ssh echo terminal': echo(true),
  'ssh true': commands(seconds),
  'ssh connect': logins(seconds),
  'ssh together': together(50),
  ...transfers(host),
})

async function inTurn(bench: SshBench, host: BenchHost, routes: readonly SshRoute[]): Promise<readonly Sample[]> {
  const { rounds, seconds, only, say } = bench
  const samples: Sample[] = []
  const chosen = Object.entries(sshMeasures(host, seconds)).filter(([name]) => name.includes(only))
  for (let round = 1; round <= rounds; round += 1)
    for (const [name, measure] of chosen) {
      say(`round ${round} of ${rounds}: ${name}\n`)
      for (const route of routes)
        for (const one of await measure(route)) samples.push({ ...one, round, route: route.name })
    }
  return samples
}
