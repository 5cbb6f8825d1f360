import type { Sample } from './ports.ts'

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const LABEL_VALUE = /^[a-zA-Z0-9_./-]{0,64}$/

/**
 * Prometheus text format 0.0.4. A sample whose name or labels are not plain words is a fault of ours and is left out rather than
 * escaped: text from outside has no place in a label (rule D18).
 */
export function prometheus(samples: readonly Sample[]): string {
  const families = Map.groupBy(samples.filter(isPlain), ({ name }) => name)
  return [...families.values()].map(family).join('')
}

function family(samples: readonly Sample[]): string {
  const [first] = samples
  if (first === undefined) return ''
  const head = `# HELP ${first.name} ${first.help.replaceAll(/[\\\r\n]/g, ' ')}\n# TYPE ${first.name} ${first.type}\n`
  return head + samples.map((sample) => `${sample.name}${labels(sample)} ${sample.value}\n`).join('')
}

function labels({ labels: pairs = {} }: Sample): string {
  const printed = Object.entries(pairs).map(([name, value]) => `${name}="${value}"`)
  return printed.length === 0 ? '' : `{${printed.join(',')}}`
}

function isPlain({ name, labels: pairs = {} }: Sample): boolean {
  return NAME.test(name) && Object.entries(pairs).every(([label, value]) => NAME.test(label) && LABEL_VALUE.test(value))
}
