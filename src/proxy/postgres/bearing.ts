import type { SqlFacts } from '../../model/facts.ts'

/** What the statements of one frame mean for what their session knows of itself. */
export interface Bearing {
  /** Transaction control is among them: the last reported status no longer tells what Sync commits. */
  readonly controls: boolean
  /** Changes a setting that alters how names are found. */
  readonly rereads: boolean
  /** Changes any setting. */
  readonly sets: boolean
  /** Definitions may differ from the catalog's snapshot once they ran. */
  readonly dirties: boolean
  /** They may make temporary objects, which stand in front of others for the rest of the session. */
  readonly makesTemporary: boolean
  /** Makes or drops a prepared statement or a cursor. */
  readonly movesNames: boolean
  /** Until they have ended, what the next frame means is not certain. */
  readonly unsettles: boolean
}

export function bearingOf(facts: readonly SqlFacts[]): Bearing {
  let controls = false
  let rereads = false
  let sets = false
  let dirties = false
  let makesTemporary = false
  let movesNames = false
  let unsettles = false
  for (const one of facts) {
    const { effects, changesCatalog } = one
    const opaque = isOpaque(one)
    const moves = one.names.some(movesIt)
    controls ||= effects.includes('transaction')
    rereads ||= effects.includes('reading-setting')
    sets ||= effects.includes('reading-setting') || effects.includes('setting')
    dirties ||= changesCatalog || opaque
    makesTemporary ||= opaque || effects.includes('temporary')
    movesNames ||= moves
    unsettles ||= moves || changesCatalog || effects.includes('reading-setting')
  }
  return { controls, rereads, sets, dirties, makesTemporary, movesNames, unsettles }
}

/** Code that nobody read may have made temporary objects or changed settings: from then on no name of its session is certain. */
const isOpaque = (facts: SqlFacts): boolean =>
  !facts.complete || facts.verbs.includes('do') || facts.verbs.includes('call')

/** EXECUTE and FETCH use what a name stands for and leave it as it is. */
const movesIt = ({ kind }: SqlFacts['names'][number]): boolean => kind !== 'execute' && kind !== 'fetch'
