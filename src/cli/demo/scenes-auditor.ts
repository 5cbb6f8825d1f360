import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { visible } from '../../recording/visible.ts'
import { run as replayCommand } from '../replay.ts'
import { run as sessionsCommand } from '../sessions.ts'
import { run as verifyCommand } from '../verify.ts'
import { TEST_PANS } from './card-shop-rows.ts'
import { filesBelow, searchBytes, searchFiles, type Canary } from './leak-search.ts'
import { CANARY_CVV, CANARY_PAN } from './scene-prepared.ts'
import type { Scene } from './scene.ts'
import { TAMPERINGS, tamper, type Victims } from './tamperings.ts'
import { claim } from './teller.ts'
import type { World } from './world.ts'

const recordingsOf = ({ stage }: World): string => path.join(stage.config.data, 'recordings')

export const sessions: Scene = {
  title: 'Carol, the auditor, sees every session',
  async play(world, tell) {
    for (const client of world.connections) client.close()
    await world.carol.api()
    await ended(world)
    tell.act('carol', 'countersign sessions')
    const said = await world.carol.command(sessionsCommand, [])
    const lines = said.trim().split('\n')
    tell.show(...lines)
    claim(lines.length === world.connections.length, `${world.connections.length} sessions`, lines)
    claim(
      lines.every((line) => line.includes('alice@cards')),
      "alice's name on each",
      lines,
    )
    tell.good('who, on what, from when to when, from where')
  },
}

const EXCERPT = 12

export const replayed: Scene = {
  title: 'She replays what alice did',
  async play(world, tell) {
    const { session } = await victimsOf(world)
    tell.act('carol', `countersign replay ${session} --no-wait`)
    const said = await world.carol.command(replayCommand, [session, '--recordings', recordingsOf(world), '--no-wait'])
    const lines = said.trimEnd().split('\n')
    tell.show(...lines.slice(0, EXCERPT), `... ${lines.length - EXCERPT} more lines`)
    for (const part of ['DELETE FROM payments', 'by bob', 'not during business hours', '-- end:']) {
      claim(said.includes(part), `"${part}" in the replay`, said)
    }
    tell.good('every statement, who countersigned or refused it and why, and what came of it')
  },
}

export const verified: Scene = {
  title: 'She proves that nobody touched the recordings',
  async play(world, tell) {
    tell.act('carol', 'countersign verify data/recordings')
    const said = await world.carol.command(verifyCommand, [recordingsOf(world)])
    tell.show(...said.trimEnd().split('\n'))
    claim(said.startsWith('ok'), 'ok and nothing else', said)
    tell.good('every line hangs on the one before it, and the ends are signed')
  },
}

export const tampered: Scene = {
  title: 'Whoever tampers with a copy is found out',
  async play(world, tell) {
    const victims = await victimsOf(world)
    const places = { recordings: recordingsOf(world), copy: path.join(world.stage.folder, 'tampered') }
    for (const tampering of TAMPERINGS) {
      const { problems } = await tamper(tampering, places, victims)
      const found = problems.find(({ code, where }) => tampering.called.includes(code) && where === victims.session)
      claim(found !== undefined, `verify to name "${tampering.what}" at ${victims.session}`, problems)
      tell.act('mallory', `tries to ${tampering.what}`)
      tell.show(visible(`${found.where}: ${found.text} [${found.code}]`))
    }
    tell.good(`${TAMPERINGS.length} of ${TAMPERINGS.length} named`)
  },
}

export const searched: Scene = {
  title: 'No card number and no security code was ever written down',
  play(world, tell) {
    const canaries: readonly Canary[] = [
      ...TEST_PANS.map(([brand, text]) => ({ text, name: `a card number of ${brand}` })),
      CANARY_PAN,
      CANARY_CVV,
    ]
    const { folder } = world.stage
    // The packs' own examples name published test numbers, and the demo's host has files of its own with some.
    const theirs = ['policies', 'web-1'].map((name) => path.join(folder, name))
    const files = filesBelow(folder).filter((file) => !theirs.some((one) => file.startsWith(one)))
    const leaks = [
      ...searchFiles(files, canaries),
      ...world.connections.flatMap((client) => searchBytes(client.received, 'what alice received', canaries)),
      ...world.hook.told.flatMap(({ body }) => searchBytes(Buffer.from(body), 'a webhook message', canaries)),
      ...[...world.bodies, ...seenIn(world)].flatMap((body) =>
        searchBytes(Buffer.from(body), 'what the API and the page showed', canaries),
      ),
    ]
    claim(leaks.length === 0, 'to find none', leaks)
    tell.show(
      `${canaries.length} numbers and codes looked for in ${files.length} files: store, recordings, ledger, log`,
    )
    tell.show('and in every byte that the client, the webhook and the browsers received')
    tell.good('found nowhere')
    return Promise.resolve()
  },
}

const seenIn = ({ phone, alice, bob, carol, dan }: World): readonly string[] =>
  [phone, ...[alice, bob, carol, dan].map(({ browser }) => browser)].flatMap(({ seen }) => seen)

async function ended(world: World): Promise<void> {
  const api = await world.carol.api()
  for (let tries = 0; tries < 100; tries += 1) {
    const open = await api.sessions({ state: 'open' })
    if (open.length === 0) return
    await pause(50)
  }
  claim(false, 'every session to be closed')
}

/** Alice's long session and her short one. */
async function victimsOf(world: World): Promise<Victims> {
  const api = await world.carol.api()
  const found = (await api.sessions({})).toSorted((a, b) => b.statements - a.statements)
  const [session, other] = found.map(({ id }) => id)
  claim(session !== undefined && other !== undefined, 'two sessions', found)
  return { session, other }
}
