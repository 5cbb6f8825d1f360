import type { RequestView } from '../http/request-schemas.ts'
import { NET, profileClient } from './client.ts'
import type { Client, Net } from './client.ts'
import { COMMON, parsed, PROFILE, RefusedError, running } from './command.ts'
import type { ExitCode, Io } from './io.ts'
import { requestLine } from './request-text.ts'

const USAGE = 'requests [--state open] [--watch] [--profile NAME] [--json]'

/** `requests`: access that is asked for, or was. `--watch` goes on telling until Ctrl-C or the end of the login. */
export function run(argv: readonly string[], io: Io, net: Net = NET): Promise<ExitCode> {
  return running({ usage: USAGE, argv, io }, async () => {
    const options = { ...COMMON, ...PROFILE, state: { type: 'string' }, watch: { type: 'boolean' } } as const
    const { values } = parsed(argv, { options, words: { least: 0, most: 0 } })
    const client = await profileClient(values.profile, io, net)
    const find = (): Promise<readonly RequestView[]> => client.access.list(values.state)
    const print = (one: RequestView): void =>
      io.out(values.json === true ? `${JSON.stringify(one)}\n` : `${requestLine(one)}\n`)
    if (values.watch === true) return watch(client, { find, print })
    const found = await find()
    if (values.json === true) io.out(`${JSON.stringify(found)}\n`)
    else if (found.length === 0) io.out('nothing\n')
    else found.forEach(print)
    return 0
  })
}

interface Watching {
  readonly find: () => Promise<readonly RequestView[]>
  readonly print: (one: RequestView) => void
}

/** The event is a hint; what is printed was asked for. */
async function watch(client: Client, { find, print }: Watching): Promise<ExitCode> {
  for await (const { event, data } of client.events(new AbortController().signal)) {
    if (event === 'open') (await find()).forEach(print)
    const id = event === 'request' ? /"id":"(r_[0-9a-z]{12})"/.exec(data)?.[1] : undefined
    if (id !== undefined) print(await client.access.find(id))
  }
  throw new RefusedError('the server ended the watch', { code: 'watch-ended' })
}
