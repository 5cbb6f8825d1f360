import { html } from 'hono/html'
import type { CodeOffer } from '../../access/code-offer.ts'
import { qrSvg } from '../qr/qr-code.ts'
import type { Html } from './frame.ts'

/** A new secret as an authenticator app takes it: as a picture, as text and as a link, and its ticket as a field of the form around it. */
export const offerParts = (offer: CodeOffer): Html =>
  html`${picture(offer.uri.reveal())}
    <p><code id="secret">${spaced(offer.secret.reveal())}</code></p>
    <p class="row">
      <button type="button" class="quiet" data-copy="secret" data-script>Copy the secret</button>
      <a href="${offer.uri.reveal()}">Open in an app on this device</a>
    </p>
    <input type="hidden" name="ticket" value="${offer.ticket}" />`

/** Dark on white whatever the page's colours: scanners want it so. */
function picture(uri: string): Html {
  const { viewBox, path } = qrSvg(uri)
  return html`<p>
    <svg viewBox="${viewBox}" width="220" height="220" role="img" aria-label="QR code of the secret below">
      <rect width="100%" height="100%" fill="#fff" />
      <path d="${path}" fill="#000" />
    </svg>
  </p>`
}

/** Groups of four, as people type them. */
const spaced = (secret: string): string => secret.replace(/(.{4})(?=.)/g, '$1 ')
