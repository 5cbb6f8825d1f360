import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { readHostCertificate } from '../../protocol/ssh/certificate.ts'
import {
  askForCertificate,
  ecdhInit,
  hostKeyOf,
  IDENTIFICATION,
  MESSAGE,
  PlainPackets,
} from '../../protocol/ssh/first-exchange.ts'
import { hostCertificateFault } from '../../protocol/ssh/host-certificate-check.ts'
import { isFault } from '../../protocol/ssh/public-key.ts'
import { asError } from '../../std/errors.ts'
import type { HostKey } from './known-host.ts'
import { SshUpstreamError } from './upstream-error.ts'

/** The key of a target, known by a certificate. */
export interface CertifiedHost {
  /** The key that a CA has certified for this host. Asks the host only while none is known; throws SshUpstreamError. */
  key(signal: AbortSignal | undefined): Promise<HostKey>
  /** The host has shown another one: it is asked again next time. */
  forget(): void
}

export interface CertifiedHostDeps {
  readonly host: string
  readonly port: number
  /** Keys of the CAs, as they go over the wire. */
  readonly cas: readonly Buffer[]
  /** Milliseconds for the whole of the asking. */
  readonly deadlineMs: number
  readonly now: () => number
}

/**
 * The library that dials knows no host certificates. So the host is asked for its own beforehand, by the first half of a key exchange; the key in it is what the
 * dial then insists on, and the host proves there that it has it. Nothing is trusted because it answered: a certificate that somebody else plays back names a
 * key that they do not have.
 */
export function createCertifiedHost(deps: CertifiedHostDeps): CertifiedHost {
  let known: { readonly key: HostKey; readonly until: number } | undefined
  return {
    async key(signal) {
      if (known !== undefined && deps.now() < known.until) return known.key
      known = certified(await askedFor(deps, signal), deps)
      return known.key
    },
    forget() {
      known = undefined
    },
  }
}

function certified(blob: Buffer, { cas, host, now }: CertifiedHostDeps): { key: HostKey; until: number } {
  const certificate = readHostCertificate(blob)
  const fault = isFault(certificate)
    ? `its certificate is ${certificate.fault}`
    : hostCertificateFault(certificate, { cas, host, now: now() })
  if (isFault(certificate) || fault !== undefined)
    throw new SshUpstreamError('E_UPSTREAM_HOST_KEY', { message: `the host is not known: ${fault ?? ''}` })
  return { key: certificate.key.blob, until: certificate.validBefore }
}

/** The certificate as the host shows it, unchecked. */
async function askedFor(deps: CertifiedHostDeps, signal: AbortSignal | undefined): Promise<Buffer> {
  const { host, port, deadlineMs } = deps
  const socket = connect({ host, port, noDelay: true })
  const deadline = AbortSignal.timeout(deadlineMs)
  const ended = signal === undefined ? deadline : AbortSignal.any([signal, deadline])
  try {
    return await answer(socket, ended)
  } catch (thrown) {
    if (thrown instanceof SshUpstreamError) throw thrown
    if (signal?.aborted === true) throw new SshUpstreamError('E_UPSTREAM_ABORTED')
    if (deadline.aborted) throw new SshUpstreamError('E_UPSTREAM_TIMEOUT')
    throw new SshUpstreamError('E_UPSTREAM_UNREACHABLE', { cause: asError(thrown) })
  } finally {
    socket.destroy()
  }
}

function answer(socket: Socket, signal: AbortSignal): Promise<Buffer> {
  const packets = new PlainPackets()
  return new Promise((resolve, reject) => {
    const lost = (): void =>
      reject(new SshUpstreamError('E_UPSTREAM_HOST_KEY', { message: 'the host shows no certificate' }))
    signal.addEventListener('abort', () => reject(new Error('given up')), { once: true })
    socket.on('error', reject)
    socket.on('close', lost)
    socket.once('connect', () => socket.write(IDENTIFICATION))
    socket.once('connect', () => socket.write(askForCertificate(randomBytes(16))))
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const payload of packets.push(chunk)) {
          if (payload[0] === MESSAGE.kexInit) socket.write(ecdhInit(publicPoint()))
          else if (payload[0] === MESSAGE.kexReply) resolve(Buffer.from(hostKeyOf(payload)))
          else if (payload[0] === MESSAGE.disconnect) lost()
        }
      } catch (thrown) {
        reject(new SshUpstreamError('E_UPSTREAM_PROTOCOL', { cause: asError(thrown) }))
      }
    })
  })
}

/** Any will do: nobody computes with it. */
const publicPoint = (): Buffer =>
  Buffer.from(String(generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' }).x), 'base64url')
