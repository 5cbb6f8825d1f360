/** Powers of 2 in GF(256) modulo x^8 + x^4 + x^3 + x^2 + 1, and their logarithms (ISO/IEC 18004, 7.5.2). */
const EXP = new Uint8Array(512)
const LOG = new Uint8Array(256)
for (let power = 0, value = 1; power < 255; power += 1) {
  EXP[power] = EXP[power + 255] = value
  LOG[value] = power
  value = value << 1 > 255 ? (value << 1) ^ 0x11d : value << 1
}

const at = (table: Uint8Array, index: number): number => table[index] ?? 0

const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : at(EXP, at(LOG, a) + at(LOG, b)))

/** The product of (x - 2^0) … (x - 2^(degree-1)), highest coefficient first and left out, for it is 1. */
function generator(degree: number): Uint8Array {
  let product = Uint8Array.of(1)
  for (let root = 0; root < degree; root += 1) {
    const next = new Uint8Array(product.length + 1)
    product.forEach((coefficient, index) => {
      next[index] = at(next, index) ^ coefficient
      next[index + 1] = at(next, index + 1) ^ times(coefficient, at(EXP, root))
    })
    product = next
  }
  return product.subarray(1)
}

/** The error correction codewords of a block: the remainder of its polynomial by the generator. */
export function correction(data: Uint8Array, count: number): Uint8Array {
  const divisor = generator(count)
  let rest = new Uint8Array(count)
  for (const byte of data) {
    const factor = byte ^ at(rest, 0)
    const shifted = new Uint8Array(count)
    shifted.set(rest.subarray(1))
    rest = shifted.map((value, index) => value ^ times(at(divisor, index), factor))
  }
  return rest
}
