import { BlockList, isIP } from 'node:net'
import { sourceOf } from '../../access/source.ts'

/**
 * Whether an address is within one of the networks of a certificate's `source-address`: comma-separated addresses and CIDR networks. A list that does not read
 * allows nobody.
 */
export function comesFrom(allowed: string, source: string): boolean {
  const networks = new BlockList()
  for (const entry of allowed.split(',')) if (!added(networks, entry.trim())) return false
  const address = sourceOf(source)
  const family = familyOf(address)
  return family !== undefined && networks.check(address, family)
}

function added(networks: BlockList, entry: string): boolean {
  const [address = '', bits, ...more] = entry.split('/')
  const family = familyOf(address)
  if (family === undefined || more.length > 0) return false
  if (bits === undefined) networks.addAddress(address, family)
  else {
    const prefix = /^\d{1,3}$/.test(bits) ? Number(bits) : Infinity
    if (prefix > (family === 'ipv4' ? 32 : 128)) return false
    networks.addSubnet(address, prefix, family)
  }
  return true
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address)
  if (version === 0) return undefined
  return version === 4 ? 'ipv4' : 'ipv6'
}
