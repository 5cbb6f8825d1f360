import { USAGE } from './cli/help.ts'
import { createAsk } from './cli/terminal.ts'
import type { Io, Run } from './cli/io.ts'

/** Every command and the file that runs it, loaded only when it is called. */
const COMMANDS: Readonly<Record<string, () => Promise<Run>>> = {
  serve: async () => (await import('./cli/serve.ts')).run,
  demo: async () => (await import('./cli/demo/demo.ts')).run,
  check: async () => (await import('./cli/check.ts')).run,
  explain: async () => (await import('./cli/explain.ts')).run,
  user: async () => {
    const [{ createUserCommand }, { openLocalAdmin }] = await Promise.all([
      import('./cli/user.ts'),
      import('./cli/local-admin.ts'),
    ])
    return createUserCommand(openLocalAdmin)
  },
  key: async () => (await import('./cli/key.ts')).run,
  login: async () => (await import('./cli/login.ts')).run,
  request: async () => (await import('./cli/request.ts')).run,
  requests: async () => (await import('./cli/requests.ts')).run,
  connect: async () => (await import('./cli/connect.ts')).run,
  credential: async () => (await import('./cli/credential.ts')).run,
  approvals: async () => (await import('./cli/approvals.ts')).run,
  approve: async () => (await import('./cli/approve.ts')).run,
  deny: async () => (await import('./cli/deny.ts')).run,
  submit: async () => (await import('./cli/submit.ts')).run,
  run: async () => (await import('./cli/run.ts')).run,
  scripts: async () => (await import('./cli/scripts.ts')).run,
  reviews: async () => (await import('./cli/reviews.ts')).run,
  sessions: async () => (await import('./cli/sessions.ts')).run,
  stop: async () => {
    const [{ createStopCommand }, { openLocalStops }] = await Promise.all([
      import('./cli/stop.ts'),
      import('./cli/local-stops.ts'),
    ])
    return createStopCommand(openLocalStops)
  },
  resume: async () => {
    const [{ createResumeCommand }, { openLocalStops }] = await Promise.all([
      import('./cli/stop.ts'),
      import('./cli/local-stops.ts'),
    ])
    return createResumeCommand(openLocalStops)
  },
  search: async () => (await import('./cli/search.ts')).run,
  evidence: async () => (await import('./cli/evidence.ts')).run,
  replay: async () => (await import('./cli/replay.ts')).run,
  verify: async () => (await import('./cli/verify.ts')).run,
  export: async () => (await import('./cli/export.ts')).run,
}

const [name, ...argv] = process.argv.slice(2)
const io: Io = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  isTty: process.stdin.isTTY && process.stdout.isTTY,
  env: process.env,
  ...(process.stdin.isTTY && { ask: createAsk({ input: process.stdin, output: process.stderr }) }),
}

const load = name === undefined ? undefined : COMMANDS[name]
if (load === undefined) {
  const asked = name === '--help' || name === '-h' || name === 'help'
  if (asked) io.out(USAGE)
  else
    io.err(
      name === undefined ? USAGE : `countersign: there is no command "${name.replace(/[^\x20-\x7e]/g, '?')}"\n${USAGE}`,
    )
  process.exitCode = asked ? 0 : 2
} else {
  process.exitCode = await (await load())(argv, io)
}
