import { approvalLine } from './approval-text.ts'
import { NET, profileClient } from './client.ts'
import type { Client, Net } from './client.ts'
import { COMMON, parsed, PROFILE, RefusedError, running } from './command.ts'
import type { ExitCode, Io } from './io.ts'

const USAGE = 'approvals [--state open] [--watch] [--profile NAME] [--json]'

/** `approvals`: what waits, or what has been. `--watch` goes on telling until Ctrl-C or the end of the login. */
export function run(argv: readonly string[], io: Io, net: Net = NET): Promise<ExitCode> {
  return running({ usage: USAGE, argv, io }, async () => {
    const options = { ...COMMON, ...PROFILE, state: { type: 'string' }, watch: { type: 'boolean' } } as const
    const { values } = parsed(argv, { options, words: { least: 0, most: 0 } })
    const client = await profileClient(values.profile, io, net)
    const list = (): Promise<Found> => client.approvals(values.state)
    const print = (one: Found[number]): void =>
      io.out(values.json === true ? `${JSON.stringify(one)}\n` : `${approvalLine(one)}\n`)
    if (values.watch === true) return watch(client, { list, print })
    const found = await list()
    if (values.json === true) io.out(`${JSON.stringify(found)}\n`)
    else if (found.length === 0) io.out('nothing\n')
    else found.forEach(print)
    return 0
  })
}

type Found = Awaited<ReturnType<Client['approvals']>>

interface Watching {
  readonly list: () => Promise<Found>
  readonly print: (one: Found[number]) => void
}

/** The event is a hint; what is printed was asked for. The list comes when the way for news is open, so that nothing falls between the two. */
async function watch(client: Client, { list, print }: Watching): Promise<never> {
  for await (const { event, data } of client.events(new AbortController().signal)) {
    if (event === 'open') (await list()).forEach(print)
    const id = event === 'approval' ? /"id":"(a_[0-9a-z]{12})"/.exec(data)?.[1] : undefined
    if (id !== undefined) print(await client.approval(id))
  }
  throw new RefusedError('the server ended the watch', { code: 'watch-ended' })
}
