import type { Ledger } from '../recording/ledger.ts'
import type { LedgerNote } from '../model/ledger.ts'
import type { PolicySet } from '../policy/decide.ts'
import type { Clock } from '../std/clock.ts'
import type { SettingsStore } from '../store/settings-table.ts'

/** Which policy is in force is evidence: rules that were loosened, used and restored must show (PCI DSS 10.2.1.2). */
export interface PolicyNotes {
  /** The policy that a start found; a change while nothing ran is one as well. */
  loaded(policy: PolicySet): Promise<void>
  changed(before: PolicySet, after: PolicySet): void
  /** Files that were not taken: the old ones stay in force. */
  refused(inForce: PolicySet, problems: number): void
}

export interface PolicyNotesDeps {
  readonly ledger: Pick<Ledger, 'append' | 'record'>
  readonly settings: SettingsStore
  readonly clock: Clock
  readonly onError: (error: unknown) => void
}

/** The version that was last in force, across restarts. */
const SETTING = 'policy.version'

export function createPolicyNotes({ ledger, settings, clock, onError }: PolicyNotesDeps): PolicyNotes {
  const note = (event: Pick<LedgerNote, 'kind' | 'outcome' | 'detail'>): LedgerNote => ({
    // Packs are files: whoever may write them did it on the machine, and the file system does not say who.
    ...{ at: clock.now(), by: 'local', origin: 'local', resource: 'policy' },
    ...event,
  })
  const keep = (version: string): Promise<void> => settings.write({ name: SETTING, value: version })
  return {
    async loaded({ version, packs }) {
      const before = (await settings.read({ name: SETTING })) ?? null
      const kind = before === null || before === version ? 'policy.loaded' : 'policy.changed'
      const detail = { before, after: version, packs: packs.map(({ name }) => name) }
      await ledger.record(note({ kind, outcome: 'done', detail }))
      await keep(version)
    },
    changed(before, after) {
      const detail = { before: before.version, after: after.version, packs: changedPacks(before, after) }
      try {
        ledger.append(note({ kind: 'policy.changed', outcome: 'done', detail }))
        keep(after.version).catch(onError)
      } catch (thrown) {
        onError(thrown)
      }
    },
    refused({ version }, problems) {
      try {
        ledger.append(note({ kind: 'policy.refused', outcome: 'refused', detail: { inForce: version, problems } }))
      } catch (thrown) {
        onError(thrown)
      }
    },
  }
}

/** Names of packs that came, went or read differently. */
function changedPacks(before: PolicySet, after: PolicySet): readonly string[] {
  const texts = ({ packs }: PolicySet): ReadonlyMap<string, string> =>
    new Map(packs.map(({ name, text }) => [name, text]))
  const [old, fresh] = [texts(before), texts(after)]
  return [...new Set([...old.keys(), ...fresh.keys()])].filter((name) => old.get(name) !== fresh.get(name))
}
