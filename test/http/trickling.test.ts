import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FORM, HOME, visitor } from './console/visitor.ts'
import { APPROVAL, DIGEST, json, world, type World } from './world.ts'

/** A body of which the last byte comes when somebody lets it. */
function trickling(text: string): { readonly body: ReadableStream<Uint8Array>; readonly end: () => void } {
  const bytes = new TextEncoder().encode(text)
  const last = Promise.withResolvers<undefined>()
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(bytes.subarray(0, -1))
      await last.promise
      controller.enqueue(bytes.subarray(-1))
      controller.close()
    },
  })
  return { body, end: () => last.resolve(undefined) }
}

async function sent(app: World['app'], path: string, of: { text: string; headers: Record<string, string> }) {
  const { body, end } = trickling(of.text)
  // Without a length the cap on bodies reads all of it before anybody else looks.
  const length = { 'Content-Length': String(Buffer.byteLength(of.text)) }
  const answer = Promise.resolve(
    app.request(path, { method: 'POST', headers: { ...of.headers, ...length }, body, duplex: 'half' }),
  )
  // The door has looked at the token by now, if it looks before the body is here.
  for (let n = 0; n < 20; n += 1) await new Promise((resolve) => setImmediate(resolve))
  return { answer, end }
}

const APPROVE = `/api/v1/approvals/${APPROVAL}/approve`
const JSON_BODY = JSON.stringify({ digest: DIGEST, factor: '100001' })

test('a token that ends while the body trickles in decides nothing', async () => {
  const { app, state } = world()
  const headers = { 'Content-Type': 'application/json', Authorization: 'Bearer token-of-bob-0123456789' }
  const { answer, end } = await sent(app, APPROVE, { text: JSON_BODY, headers })
  state.tokens.delete('token-of-bob-0123456789')
  end()
  assert.equal((await json(await answer))['code'], 'not-signed-in')
  assert.deepEqual([state.decided, state.purposes], [[], []])
})

test('a body that trickles in from somebody who is still let in is taken', async () => {
  const { app, state } = world()
  const headers = { 'Content-Type': 'application/json', Authorization: 'Bearer token-of-bob-0123456789' }
  const { answer, end } = await sent(app, APPROVE, { text: JSON_BODY, headers })
  end()
  assert.equal((await answer).status, 200)
  assert.equal(state.decided.length, 1)
})

test('a form that trickles in behind the end of its sign-in decides nothing', async () => {
  const { app, state } = world()
  const bob = visitor(app)
  await bob.signIn('bob')
  await bob.get(`/approvals/${APPROVAL}`)
  const text = new URLSearchParams({ csrf: bob.csrf, digest: DIGEST, totp: '100001' }).toString()
  const headers = { ...HOME, 'Content-Type': FORM, Cookie: bob.cookie }
  const { answer, end } = await sent(app, `/approvals/${APPROVAL}/approve`, { text, headers })
  state.disabled.add('bob')
  end()
  assert.equal((await answer).status, 401)
  assert.deepEqual([state.decided, state.purposes], [[], []])
})
