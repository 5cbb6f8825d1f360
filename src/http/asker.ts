import type { Asker } from '../evidence/questions.ts'
import { seesAllStatements } from './sight.ts'
import type { Viewer } from './viewer.ts'

/** Who asks about recordings, and what they may see: those who watch everything, anybody else what they did themselves. */
export const askerOf = (viewer: Viewer, address: string): Asker => ({
  by: viewer.person,
  origin: address,
  sees: seesAllStatements(viewer) ? 'everything' : { person: viewer.person },
})
