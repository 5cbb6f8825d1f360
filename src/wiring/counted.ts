import type { Login, LoginOutcome } from '../access/login.ts'
import type { Sample } from '../http/ports.ts'
import type { Tallies } from '../session/tallies.ts'
import type { Tally } from '../std/tally.ts'

/** The people's login, its failures counted. */
export function countedLogin(login: Login, tally: Tallies['failedLogins']): Login {
  const counted = async (attempt: Promise<LoginOutcome>): Promise<LoginOutcome> => {
    const done = await attempt
    if (done.outcome === 'refused' || done.outcome === 'locked') tally.count('http')
    return done
  }
  return {
    ...login,
    login: (attempt) => counted(login.login(attempt)),
    loginWithPasskey: (attempt) => counted(login.loginWithPasskey(attempt)),
  }
}

/** As Prometheus has them. */
export const counterSamples = (tallies: Tallies): readonly Sample[] => [
  ...samplesOf(tallies.sessionsOpened, {
    ...{ name: 'countersign_sessions_opened_total', label: 'protocol' },
    help: 'Sessions that were opened',
  }),
  ...samplesOf(tallies.sessionsClosed, {
    ...{ name: 'countersign_sessions_closed_total', label: 'reason' },
    help: 'Sessions that ended',
  }),
  ...samplesOf(tallies.statements, {
    ...{ name: 'countersign_statements_total', label: 'verdict' },
    help: 'Statements that were judged',
  }),
  ...samplesOf(tallies.holds, {
    name: 'countersign_holds_total',
    label: 'end',
    help: 'Held statements that were settled',
  }),
  ...samplesOf(tallies.failedLogins, {
    ...{ name: 'countersign_failed_logins_total', label: 'door' },
    help: 'Logins that failed',
  }),
  ...samplesOf(tallies.recorderFailures, {
    ...{ name: 'countersign_recorder_failures_total', label: 'what' },
    help: 'Recordings that could not be written, and the ledger',
  }),
]

function samplesOf(
  tally: Tally<string>,
  { name, help, label }: { name: string; help: string; label: string },
): readonly Sample[] {
  return tally.entries().map(([word, value]) => ({ name, help, type: 'counter', value, labels: { [label]: word } }))
}
