import { BlockList, isIP } from 'node:net'
import { isLoopback } from '../config/address.ts'

/**
 * Addresses that a message must not reach: this machine, private and shared networks, link-local with its metadata services, multicast,
 * documentation and every IPv6 form that carries an IPv4 address past an IPv4 list.
 */
const CLOSED_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]
/** The whole of IPv6 but 2000::/3, and inside that Teredo and friends, documentation and 6to4. */
const CLOSED_V6 = ['::/3', '4000::/2', '8000::/1', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']
const LOOPBACK = ['127.0.0.0/8', '::1/128']
/** What the configuration may open of them: where receivers in one's own network live. */
const PRIVATE = [...LOOPBACK, '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7']
/** Never, whatever the configuration says: link-local, where clouds hand out their machines' secrets, and what Amazon, Google, Scaleway, Alibaba, Oracle and Azure have elsewhere. */
const NEVER = [
  '169.254.0.0/16',
  'fe80::/10',
  'fd00:ec2::/32',
  'fd20:ce::254/128',
  'fd00:42::42/128',
  '100.100.100.200/32',
  '192.0.0.192/32',
  '168.63.129.16/32',
  '0.0.0.0/8',
  '::/128',
  '224.0.0.0/4',
  'ff00::/8',
]

/** What the configuration allows beyond the open internet. */
export interface Reach {
  /** Private and loopback addresses, for a receiver in the same network. Metadata and link-local stay closed. */
  readonly privateAddresses: boolean
  /** This machine, where a destination is written as it (127.0.0.1, localhost), also in plaintext. A name that leads here is another matter. */
  readonly loopbackHttp: boolean
  /** The only hosts that may be reached, in lower case; every one where it is absent. */
  readonly hosts?: ReadonlySet<string>
}

/** Where a connection is meant to go. */
export interface Destination {
  /** A name or an address, without brackets. */
  readonly host: string
  readonly plaintext: boolean
}

export const destinationOf = (url: URL): Destination => ({
  host: url.hostname.replace(/^\[|\]$/g, ''),
  plaintext: url.protocol === 'http:',
})

/** Why a host may not be reached by its name, or undefined. */
export const hostProblem = ({ host }: Destination, { hosts }: Reach): string | undefined =>
  hosts === undefined || hosts.has(host.toLowerCase()) ? undefined : 'the host is not one of egress.hosts'

/** Why a URL may not be a webhook at all, or undefined. Looks at its text only; `addressProblem` looks at where it leads. */
export function urlProblem(url: URL, reach: Reach): string | undefined {
  if (url.username !== '' || url.password !== '') return 'a webhook URL carries no user name or password'
  if (url.protocol === 'https:') return undefined
  if (url.protocol !== 'http:') return 'a webhook URL is https'
  return reach.loopbackHttp
    ? undefined
    : 'a webhook URL is https; plain http is for loopback, where the configuration allows it'
}

/** Why a resolved address may not be reached, or undefined. */
export function addressProblem(address: string, { host, plaintext }: Destination, reach: Reach): string | undefined {
  const plain = unmapped(address)
  if (isIP(plain) === 0) return 'not an address'
  const loopback = within(LOOPBACK, plain)
  if (plaintext && !loopback) return 'plaintext leads to loopback only'
  if (within(NEVER, plain)) return CLOSED
  if (loopback && reach.loopbackHttp && isLoopback(host)) return undefined
  if (within(PRIVATE, plain))
    return reach.privateAddresses ? undefined : 'the address is private; egress.allowPrivate would open it'
  return within([...CLOSED_V4, ...CLOSED_V6], plain) ? CLOSED : undefined
}

const CLOSED = 'the address is closed to messages'

/** An IPv4 address inside IPv6 (::ffff:a.b.c.d, NAT64 64:ff9b::/96) as that IPv4 address. */
function unmapped(address: string): string {
  const zoneless = address.replace(/%.*$/, '').replace(/^\[|\]$/g, '')
  if (isIP(zoneless) !== 6) return zoneless
  const head = groups(zoneless).slice(0, 6).join(':')
  const low = groups(zoneless).slice(6).join('')
  const carries = head === '0000:0000:0000:0000:0000:ffff' || head === '0064:ff9b:0000:0000:0000:0000'
  return carries ? Array.from(Buffer.from(low, 'hex')).join('.') : zoneless
}

/** The eight groups of an IPv6 address, four digits each. URL writes its short form, dotted tails included, in hexadecimal. */
function groups(address: string): readonly string[] {
  const [before = '', after] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const [left, right] = [before, after ?? ''].map((half) => half.split(':').filter((group) => group !== ''))
  const middle = Array.from({ length: 8 - (left?.length ?? 0) - (right?.length ?? 0) }, () => '0')
  return [...(left ?? []), ...(after === undefined ? [] : middle), ...(right ?? [])].map((group) =>
    group.padStart(4, '0'),
  )
}

function within(networks: readonly string[], address: string): boolean {
  const family = isIP(address) === 4 ? 'ipv4' : 'ipv6'
  const list = new BlockList()
  for (const network of networks) {
    const [base = '', bits] = network.split('/')
    const kind = isIP(base) === 4 ? 'ipv4' : 'ipv6'
    if (kind === family) list.addSubnet(base, Number(bits), kind)
  }
  return list.check(address, family)
}
