import { connect, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { createTransport } from 'nodemailer'
import type { Secret } from '../std/secret.ts'
import type { Channel, Letter, Sent } from './channel.ts'
import { plainText } from './notice.ts'
import type { Notice } from './notice.ts'
import { pin } from './pin.ts'
import type { PinDeps } from './pin.ts'

export interface EmailDeps extends PinDeps {
  readonly name: string
  readonly host: string
  readonly port: number
  /** `starttls` refuses to go on without it; `implicit` begins with TLS; `off` is for loopback. */
  readonly tls: 'starttls' | 'implicit' | 'off'
  readonly user?: string | undefined
  readonly password?: Secret | undefined
  /** Plain addresses, checked where the configuration is read: no names, no lists, no line ends. */
  readonly from: string
  readonly to: readonly string[]
  /** Further trusted certificates, PEM. */
  readonly ca?: string | undefined
  /** Time for everything from name lookup to the last reply, in milliseconds. */
  readonly timeoutMs?: number | undefined
}

/** A mail server that checks its sender takes longer than a webhook. */
const TIMEOUT = 20_000

/** A channel that sends mail of plain text. */
export function createEmail(deps: EmailDeps): Channel {
  return { name: deps.name, compose: mailOf, send: (letter) => send(letter, deps) }
}

/** The subject, which is our own words and names of `[a-z0-9._-]`, is the first line; the text is what follows. */
export const mailOf = (notice: Notice): string =>
  `${notice.headline.replaceAll(/\p{C}+/gu, ' ')}\n${notice.headline}\n\n${plainText(notice)}\n`

async function send(letter: Letter, deps: EmailDeps): Promise<Sent> {
  const signal = AbortSignal.timeout(deps.timeoutMs ?? TIMEOUT)
  try {
    const pinned = await pin({ host: deps.host, plaintext: deps.tls === 'off' }, deps, signal)
    if ('sent' in pinned) return pinned.sent
    const socket = await connected(pinned.address, deps.port, signal)
    await hand(letter, socket, deps).catch((thrown: unknown) => {
      socket.destroy()
      throw thrown
    })
    return { outcome: 'delivered' }
  } catch (thrown) {
    return signal.aborted ? { outcome: 'later', reason: 'no answer in time' } : outcomeOf(thrown)
  }
}

/** A connection to the checked address, which the signal ends whatever is being said on it, a slow farewell too. */
function connected(address: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, family: isIP(address) })
    const abort = (): void => void socket.destroy(new Error('aborted'))
    signal.addEventListener('abort', abort, { once: true })
    socket.once('close', () => signal.removeEventListener('abort', abort))
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })
}

function hand({ id, body }: Letter, socket: Socket, deps: EmailDeps): Promise<unknown> {
  const { host, port, tls, from, to, user, password, ca } = deps
  const end = body.indexOf('\n')
  const transport = createTransport({
    ...{ connection: socket, host, port, secure: tls === 'implicit' },
    ...{ requireTLS: tls === 'starttls', ignoreTLS: tls === 'off' },
    tls: { minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) },
    ...(user === undefined ? {} : { auth: { user, pass: password?.reveal() ?? '' } }),
    ...{ disableFileAccess: true, disableUrlAccess: true },
  })
  return transport.sendMail({
    ...{ from, to: [...to], subject: body.slice(0, end), text: body.slice(end + 1) },
    // The same at every attempt, so that a mailbox can drop repetitions; and nobody's holiday answers it.
    messageId: `<${id}@${from.slice(from.indexOf('@') + 1)}>`,
    headers: { 'Auto-Submitted': 'auto-generated', 'Countersign-Delivery': id },
  })
}

/** Nothing of what the server said: it may quote us, or anybody. */
function outcomeOf(thrown: unknown): Sent {
  const [code, status] = [field(thrown, 'code'), field(thrown, 'responseCode')]
  if (code === 'ETLS') return { outcome: 'later', reason: 'TLS could not be established' }
  if (code === 'EAUTH') return { outcome: 'later', reason: 'the server refused our credentials' }
  if (typeof status !== 'number') return { outcome: 'later', reason: 'could not connect' }
  return { outcome: status >= 500 ? 'refused' : 'later', reason: `status ${status}` }
}

const field = (thrown: unknown, name: string): unknown =>
  typeof thrown === 'object' && thrown !== null ? Object.getOwnPropertyDescriptor(thrown, name)?.value : undefined
