// Everything here only adds to pages that work without it: times of the viewer, news, passkeys, and a menu that folds on a phone.

const all = (selector, root = document) => [...root.querySelectorAll(selector)]

// --- Times ---------------------------------------------------------------------------------------------------------------------------------------

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
const local = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

function showTimes(root) {
  for (const time of all('time[data-local]', root)) {
    const room = time.querySelector('.local')
    if (room) room.textContent = local.format(new Date(time.dateTime))
    time.title = zone
  }
  for (const time of all('time[data-local-title]', root))
    time.title = `${local.format(new Date(time.dateTime))} (${zone})`
}

function span(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const [days, hours, minutes] = [86400, 3600, 60].map((unit) => Math.floor(seconds / unit))
  if (days > 0) return `${days} d ${hours % 24} h`
  if (hours > 0) return `${hours} h ${minutes % 60} min`
  if (minutes >= 5) return `${minutes} min`
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`
}

// The server's clock counts: a viewer's clock may be minutes off.
const served = Number(document.documentElement.dataset.now ?? Date.now())
const loaded = performance.now()
const now = () => served + (performance.now() - loaded)

function countDown() {
  for (const time of all('time[data-until]')) {
    const left = Date.parse(time.dateTime) - now()
    const text = left > 0 ? span(left) : time.dataset.over
    if (time.textContent !== text) time.textContent = text
  }
}

// --- Menu ----------------------------------------------------------------------------------------------------------------------------------------

const menu = document.querySelector('[data-menu]')
menu?.addEventListener('click', () => {
  const open = menu.getAttribute('aria-expanded') !== 'true'
  menu.setAttribute('aria-expanded', String(open))
  document.getElementById(menu.getAttribute('aria-controls')).toggleAttribute('data-open', open)
})

// --- Forms: one press, one post ------------------------------------------------------------------------------------------------------------------

document.addEventListener('submit', (event) => {
  const form = event.target
  if (event.defaultPrevented || form.dataset.once === undefined) return
  if (form.dataset.sent !== undefined) return event.preventDefault()
  form.dataset.sent = ''
  for (const button of all('button', form)) button.setAttribute('aria-disabled', 'true')
})
// A page that comes back from the browser's memory takes presses again.
addEventListener('pageshow', (event) => {
  if (!event.persisted) return
  for (const form of all('form[data-sent]')) {
    delete form.dataset.sent
    for (const button of all('button', form)) button.removeAttribute('aria-disabled')
  }
})

const self = document.querySelector('main')?.dataset.self
// An answer to a form stands under the page's own address, so that a reload asks nothing again.
if (self) history.replaceState(null, '', self)

document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copy]')
  if (!button) return
  const source = document.getElementById(button.dataset.copy)
  await navigator.clipboard.writeText(source.value ?? source.textContent)
  const label = button.textContent
  button.textContent = 'Copied'
  setTimeout(() => (button.textContent = label), 1500)
})

// --- Passkeys ------------------------------------------------------------------------------------------------------------------------------------

async function passkeyOptions(form) {
  const csrf = form.elements.csrf?.value
  const response = await fetch(form.dataset.passkey, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(csrf ? { 'X-Csrf-Token': csrf } : {}) },
    body: form.dataset.passkeyBody ?? '{}',
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.detail ?? answer.title ?? 'The passkey could not be asked for.')
  return answer.options ?? answer
}

async function askPasskey(form) {
  const options = await passkeyOptions(form)
  const credential =
    form.dataset.passkeyNew === undefined
      ? await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })
      : await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
  return JSON.stringify(credential.toJSON())
}

const WHY = {
  NotAllowedError: 'The passkey was not used: cancelled, or too late. Nothing was done.',
  InvalidStateError: 'This device has a passkey of yours already.',
  SecurityError: 'Passkeys work only at the address that the operator configured.',
}

async function usePasskey(form) {
  const problem = form.querySelector('[data-passkey-problem]')
  problem.textContent = ''
  const code = form.elements.totp
  if (code) code.required = false
  try {
    if (!form.reportValidity()) return
    form.elements.passkey.value = await askPasskey(form)
    if (code) code.value = ''
    form.dataset.sent = ''
    form.submit()
  } catch (error) {
    problem.textContent = WHY[error.name] ?? error.message
  } finally {
    if (code) code.required = code.dataset.required !== undefined && !isPasskeyOnly(form)
  }
}

/** Whether this form is sent with a passkey alone: it has no field for a code, or its reader has none to type. */
const isPasskeyOnly = (form) => {
  if (form.dataset.passkey === undefined || !form.elements.passkey) return false
  const { noCodes, noPasskeys } = document.body.dataset
  return !form.elements.totp || (noCodes !== undefined && noPasskeys === undefined)
}
for (const form of all('form[data-passkey]'))
  if (isPasskeyOnly(form) && form.elements.totp) form.elements.totp.required = false
// Before the listener that lets a form go once: what goes by a passkey is sent by `usePasskey`.
document.addEventListener(
  'submit',
  (event) => {
    if (!isPasskeyOnly(event.target)) return
    event.preventDefault()
    usePasskey(event.target)
  },
  { capture: true },
)
document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-use-passkey]')
  if (button) usePasskey(button.form)
})
if (!globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON)
  for (const part of all('form[data-script][data-passkey], [data-use-passkey]')) part.hidden = true

// --- News ----------------------------------------------------------------------------------------------------------------------------------------

const regions = () => all('[data-live]')
let source
let soon
let busy = false

/** Somebody is in the middle of it: it waits until they are done, unless what stands there is no longer true. */
function isUsed(region) {
  if (region.querySelector('details[open], form[data-sent]')) return true
  const fields = all('input:not([type=hidden]), textarea, select', region)
  return (
    region.contains(document.activeElement) ||
    fields.some((field) => field.value !== field.defaultValue && field.defaultValue !== undefined)
  )
}

function renew(fresh) {
  for (const region of regions()) {
    const next = fresh.getElementById(region.id)
    if (!next || (isUsed(region) && next.dataset.force === undefined)) continue
    if (next.innerHTML === region.dataset.was) continue
    const was = next.innerHTML
    const node = document.importNode(next, true)
    node.dataset.was = was
    region.replaceWith(node)
    showTimes(node)
  }
  const folded = fresh.querySelector('[data-menu]')
  if (menu && folded && menu.innerHTML !== folded.innerHTML)
    menu.replaceChildren(...document.importNode(folded, true).childNodes)
  const [shown, told] = [document.querySelector('nav#menu'), fresh.querySelector('nav#menu')]
  for (const [at, link] of all('a', shown).entries()) {
    const next = all('a', told)[at]
    if (next && link.innerHTML !== next.innerHTML) link.replaceChildren(...document.importNode(next, true).childNodes)
  }
}

async function refresh() {
  if (busy) return later()
  busy = true
  try {
    const response = await fetch(self ?? location.href, {
      headers: { 'X-Countersign-Refresh': '1' },
      redirect: 'manual',
    })
    if (response.status === 401) return ended()
    if (response.ok || response.status === 404)
      renew(new DOMParser().parseFromString(await response.text(), 'text/html'))
  } catch {
    // The network is away; the stream comes back and with it the next look.
  } finally {
    busy = false
  }
}

function later() {
  clearTimeout(soon)
  soon = setTimeout(refresh, 150)
}

function ended() {
  source?.close()
  source = undefined
  const told = document.querySelector('[data-ended]')
  if (!told) return
  told.hidden = false
  told.querySelector('[data-again]').href = `/login?next=${encodeURIComponent(location.pathname + location.search)}`
}

function listen() {
  if (source || document.hidden) return
  source = new EventSource('/console/events')
  const kinds = new Set(regions().flatMap((region) => region.dataset.live.split(' ')))
  for (const kind of ['approval', 'session', 'request', 'script', 'review'])
    source.addEventListener(kind, (event) => {
      document.dispatchEvent(new CustomEvent('countersign', { detail: { kind, ...JSON.parse(event.data) } }))
      if (kinds.has(kind) || kind !== 'session') later()
    })
  source.addEventListener('error', () => {
    if (source?.readyState !== EventSource.CLOSED) return
    source = undefined
    later()
  })
}

// A browser keeps few connections to one server: a tab that nobody sees gives its own back.
document.addEventListener('visibilitychange', () => {
  if (document.hidden) {
    source?.close()
    source = undefined
  } else if (document.querySelector('nav#menu')) {
    listen()
    later()
  }
})

showTimes(document)
countDown()
setInterval(countDown, 1000)
if (document.querySelector('nav#menu')) listen()
