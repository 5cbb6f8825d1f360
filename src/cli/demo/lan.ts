import { mkdirSync, writeFileSync } from 'node:fs'
import { hostname, networkInterfaces } from 'node:os'
import type { NetworkInterfaceInfo } from 'node:os'
import path from 'node:path'
import { RefusedError } from '../command.ts'
import { selfSigned } from './self-signed.ts'

/** How others on the network reach this machine. */
export interface Lan {
  /** What links point to. */
  readonly address: string
  /** The other addresses of this machine. */
  readonly others: readonly string[]
  /** PEM files. */
  readonly tls: { readonly cert: string; readonly key: string }
  readonly fingerprint: string
}

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

export interface LanWish {
  /** The demo's. */
  readonly folder: string
  /** Which of the machine's addresses links are to name. */
  readonly wanted?: string | undefined
  readonly interfaces?: Interfaces
}

/** A certificate with this machine's names and addresses, made anew in the demo's folder. Throws `RefusedError` where there is no network. */
export function openLan({ folder, wanted, interfaces = networkInterfaces() }: LanWish): Lan {
  const known = addressesOf(interfaces)
  if (wanted !== undefined && !known.includes(wanted))
    throw new RefusedError(`this machine has no address ${wanted}; it has ${known.join(', ') || 'none'}`)
  const [address, ...others] = [...(wanted === undefined ? [] : [wanted]), ...known.filter((one) => one !== wanted)]
  if (address === undefined)
    throw new RefusedError(
      'this machine has no address that a phone could reach; without --lan the demo stays on loopback',
    )
  const name = hostname().toLowerCase()
  const named = /^[a-z0-9][a-z0-9.-]{0,62}$/.test(name) ? [name, ...(name.includes('.') ? [] : [`${name}.local`])] : []
  const hosts = [address, ...others, ...named, 'localhost', '127.0.0.1', '::1']
  const { cert, key, fingerprint } = selfSigned({ hosts: [...new Set(hosts)], now: Date.now() })
  mkdirSync(path.join(folder, 'tls'), { recursive: true, mode: 0o700 })
  const file = (base: string, text: string): string => {
    const place = path.join(folder, 'tls', base)
    writeFileSync(place, text, { mode: 0o600 })
    return place
  }
  return { address, others, tls: { cert: file('cert.pem', cert), key: file('key.pem', key) }, fingerprint }
}

/** IPv4 alone: what a person types into a phone. Private networks before public ones, and those of containers last. */
export function addressesOf(interfaces: Interfaces): readonly string[] {
  const found = Object.entries(interfaces).flatMap(([name, all = []]) =>
    all.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => ({ name, address })),
  )
  return found.sort((a, b) => rank(a) - rank(b)).map(({ address }) => address)
}

function rank({ name, address }: { readonly name: string; readonly address: string }): number {
  if (address.startsWith('169.254.')) return 3
  if (/^(docker|br-|veth|virbr|vmnet|tun|utun)/.test(name)) return 2
  return /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address) ? 0 : 1
}
