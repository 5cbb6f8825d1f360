import type { Teller } from './teller.ts'
import type { World } from './world.ts'

/** One step of the story. `play` throws where something is not as it should be. */
export interface Scene {
  readonly title: string
  play(world: World, tell: Teller): Promise<void>
}
