import { NET, profileClient, type Client, type Net } from './client.ts'
import { asked, COMMON, parsed, PROFILE, RefusedError, running, UsageError } from './command.ts'
import type { ExitCode, Io } from './io.ts'
import { terminalLine } from './terminal.ts'
import { watched } from './watch.ts'

const USAGE = 'reviews [sign ID --remark TEXT [--code CODE]] [--state open] [--watch] [--profile NAME] [--json]'
const OPTIONS = {
  ...COMMON,
  ...PROFILE,
  state: { type: 'string' },
  watch: { type: 'boolean' },
  remark: { type: 'string' },
  code: { type: 'string' },
} as const

/** `reviews`: what people cleared for themselves in an emergency; `reviews sign ID` says that another person has looked at it. */
export function run(argv: readonly string[], io: Io, net: Net = NET): Promise<ExitCode> {
  return running({ usage: USAGE, argv, io }, async () => {
    const { values, positionals } = parsed(argv, { options: OPTIONS, words: { least: 0, most: 2 } })
    const { state } = values
    if (state !== undefined && state !== 'open' && state !== 'signed') throw new UsageError('--state is open or signed')
    const client = await profileClient(values.profile, io, net)
    const [verb, id] = positionals
    if (verb !== undefined && (verb !== 'sign' || id === undefined)) throw new UsageError('say: sign ID')
    if (id !== undefined) return sign(client, id, { io, values })
    const [list, json] = [() => client.reviews(state), values.json === true]
    if (values.watch === true)
      return watched(client, {
        kind: 'review',
        list,
        print: (one) => io.out(json ? `${JSON.stringify(one)}\n` : `${line(one)}\n`),
      })
    const found = await list()
    if (values.json === true) io.out(`${JSON.stringify(found)}\n`)
    else if (found.length === 0) io.out('nothing\n')
    else for (const one of found) io.out(`${line(one)}\n`)
    return 0
  })
}

interface Values {
  readonly remark?: string | undefined
  readonly code?: string | undefined
  readonly json?: boolean | undefined
}

async function sign(client: Client, id: string, { io, values }: { io: Io; values: Values }): Promise<ExitCode> {
  const { remark } = values
  if (remark === undefined || remark.trim() === '')
    throw new UsageError('--remark is needed; it is kept with the review')
  const review = (await client.reviews()).find((one) => one.id === id)
  if (review !== undefined && values.json !== true) io.out(`${line(review)}\n`)
  const question = 'One-time code to sign it (empty leaves it): '
  const factor = values.code ?? (await asked(io, { text: question, hidden: false, instead: '--code' }))
  if (factor === '') throw new RefusedError('left as it was')
  const after = await client.signReview(id, { remark, factor })
  io.out(values.json === true ? `${JSON.stringify(after)}\n` : `${line(after)}\n`)
  return 0
}

type Review = Awaited<ReturnType<Client['reviews']>>[number]

function line({ id, state, person, target, approval, incident, reason, openedAt, signedBy, remark }: Review): string {
  const end = signedBy === null ? '' : `  signed by ${signedBy}: ${remark ?? ''}`
  return terminalLine(
    `${id}  ${state.padEnd(6)}  ${person}@${target}  ${approval}  ${incident}  ${openedAt}  ${reason}${end}`,
  )
}
