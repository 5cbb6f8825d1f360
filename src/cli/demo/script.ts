import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { asError } from '../../std/errors.ts'
import type { Io } from '../io.ts'
import { createLastActs } from './last-acts.ts'
import { castPerson, type DemoPerson, type Part } from './people.ts'
import { prepared } from './scene-prepared.ts'
import type { Scene } from './scene.ts'
import { replayed, searched, sessions, tampered, verified } from './scenes-auditor.ts'
import { asked, evidence, stoppedLive } from './scenes-access.ts'
import { asks, opened, revoked, watchedOver } from './scenes-console.ts'
import { countersigned, denied, expired, fourEyes, left, waits, withdrawn } from './scenes-held.ts'
import { hostWaits, readsFile } from './scenes-host.ts'
import { insideTransaction, masked, unmaskable } from './scenes-masked.ts'
import { setStage, type Stage } from './stage.ts'
import { openVoice, type Voice } from './voice.ts'
import { openWebhookReceiver } from './webhook-receiver.ts'
import { createWorld, type World } from './world.ts'

/** In this order no person needs more than three one-time codes, which is what can be had without waiting for the clock. */
const STORY: readonly Scene[] = [
  ...[asks, opened, masked],
  ...[waits, countersigned, fourEyes, denied, withdrawn, left, expired],
  ...[unmaskable, insideTransaction, prepared, revoked],
  ...[sessions, replayed, watchedOver, verified, tampered],
  ...[asked, stoppedLive, evidence, searched],
  ...[readsFile, hostWaits],
]

export interface ScriptOptions {
  readonly io: Io
  /** One JSON object a step and one at the end, instead of text. */
  readonly json: boolean
  /** Ends the story early; everything is cleaned up all the same. */
  readonly signal: AbortSignal
  /** What is played; all of it unless a test wants less. */
  readonly story?: readonly Scene[]
}

/** Plays the demo's story by itself on free ports and in a temporary folder, and leaves nothing. 0 where every step was as it should be. */
export async function playScript({ io, json, signal, story = STORY }: ScriptOptions): Promise<0 | 1> {
  const voice = openVoice({ io, json, steps: story.length })
  const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-script-'))
  // The host's account has to get through to its own folder; what is nobody else's is closed by itself.
  chmodSync(folder, 0o711)
  const lastActs = createLastActs()
  lastActs.add(() => rmSync(folder, { recursive: true, force: true }))
  let failure: Error | undefined
  try {
    failure = await playIn(folder, { voice, signal, story })
  } finally {
    rmSync(folder, { recursive: true, force: true })
    lastActs.withdraw()
  }
  if (failure === undefined) voice.end()
  else voice.failed(failure)
  return failure === undefined ? 0 : 1
}

interface Performance {
  readonly voice: Voice
  readonly signal: AbortSignal
  readonly story: readonly Scene[]
}

async function playIn(folder: string, { voice, signal, story }: Performance): Promise<Error | undefined> {
  const hook = await openWebhookReceiver()
  try {
    const stage = await setStage({ folder, ports: { postgres: 0, http: 0 }, asks: true, web: true, webhook: hook })
    try {
      const onWait = (person: string, ms: number): void => voice.waiting(person, ms)
      const joined = await castAll(stage.app.access)
      const cast = { ...stage, people: [...stage.people, ...joined] }
      return await playAll(createWorld({ stage: cast, hook, onWait }), { voice, signal, story })
    } finally {
      await stage.stop()
    }
  } finally {
    await hook.close()
  }
}

/** Who joins the demo's people for the script. */
const JOINED: readonly Part[] = [
  { name: 'dora', roles: ['approver'] },
  { name: 'erik', roles: ['engineer'] },
]

async function castAll(access: Stage['app']['access']): Promise<readonly DemoPerson[]> {
  const cast: DemoPerson[] = []
  for (const part of JOINED) cast.push(await castPerson(access, part))
  return cast
}

/** Gives what went wrong in the current step. Stops there: the later ones would stand on it. */
async function playAll(world: World, { voice, signal, story }: Performance): Promise<Error | undefined> {
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('stopped by a signal')), { once: true })
  })
  stopped.catch(() => undefined)
  for (const scene of story) {
    const tell = voice.begin(scene.title)
    try {
      signal.throwIfAborted()
      await Promise.race([scene.play(world, tell), stopped])
      voice.done()
    } catch (thrown) {
      for (const client of world.connections) client.hangUp()
      return asError(thrown)
    }
  }
  return undefined
}
