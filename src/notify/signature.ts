import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Secret } from '../std/secret.ts'

/** How far a receiver's clock may differ, in seconds. */
const TOLERANCE = 300
const FORM = /^t=([0-9]{1,12}),v1=([0-9a-f]{64})$/

/** The value of `Countersign-Signature`: `t=<unix seconds>,v1=<hex HMAC-SHA-256 of "t.body">`, over the raw bytes of the body. */
export function sign(body: string, secret: Secret, unixSeconds: number): string {
  return `t=${unixSeconds},v1=${macOf(body, secret, unixSeconds).toString('hex')}`
}

/** What a receiver checks: form, age and MAC in constant time. Receivers should also drop a `delivery` of the body that they have seen. */
export function isSigned(
  delivery: { readonly header: string; readonly body: string },
  secret: Secret,
  unixSeconds: number,
): boolean {
  const [, time, mac] = FORM.exec(delivery.header) ?? []
  if (time === undefined || mac === undefined || Math.abs(unixSeconds - Number(time)) > TOLERANCE) return false
  return timingSafeEqual(Buffer.from(mac, 'hex'), macOf(delivery.body, secret, Number(time)))
}

function macOf(body: string, secret: Secret, unixSeconds: number): Buffer {
  return createHmac('sha256', secret.reveal()).update(`${unixSeconds}.${body}`).digest()
}
