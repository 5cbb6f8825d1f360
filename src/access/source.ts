/** A client address as it is counted and compared: IPv4 in an IPv6 socket is IPv4 again, zones and case do not matter. */
export function sourceOf(address: string): string {
  const plain = address.toLowerCase().replace(/%.*$/, '')
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/.test(plain) ? plain.slice(7) : plain
}
