// Plays a recording that the server wrote as a list: pages of it come and go, so that a huge one never stands here whole. What is recorded is only
// ever moved as nodes that the server's page is made of; no text becomes markup here.

/** Rows that stand in the page at most. */
const MOST_ROWS = 300
/** Rows of one request. */
const PAGE = 100
/** Fewer rows than this get those before them as company. */
const FEW_ROWS = 20
/** Longest pause of a replay, in milliseconds: a lunch break does not fill the afternoon. */
const LONGEST_PAUSE = 5000
/** Without waiting, rows still come in beats that an eye can follow. */
const NO_WAIT_BEAT = 30
/** Behind the end of every recording, in milliseconds. */
const LATE = 3_600_000
/** What the arrow keys move by, in milliseconds. */
const STRIDE = 10_000

const player = document.querySelector('[data-player]')
const list = player.querySelector('[data-moments]')
const status = player.querySelector('[data-status]')
const path = player.dataset.path
/** The screen of a terminal that plays along, where the session has one. */
const picture = player.screen
const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches

const say = (text) => {
  if (status && status.textContent !== text) status.textContent = text
}
/** Where the transcript scrolls: in the page, or beside the screen, which stays where it is. */
const pane = picture ? player.querySelector('.transcript') : null
function reveal(row, block, behavior = 'auto') {
  if (!row) return
  if (!pane) return row.scrollIntoView({ block, behavior })
  const room = pane.clientHeight - row.offsetHeight
  pane.scrollTo({ top: row.offsetTop - (block === 'end' ? room : Math.max(0, room / 2)), behavior })
}
const lineOf = (row) => Number(row.dataset.line)
const msOf = (row) => Number(row.dataset.ms ?? 0)

function clockText(ms) {
  const tenths = Math.floor(Math.max(0, ms) / 100)
  const [hours, minutes] = [Math.floor(tenths / 36000), Math.floor(tenths / 600) % 60]
  const seconds = ((tenths % 600) / 10).toFixed(1).padStart(4, '0')
  return hours === 0 ? `${minutes}:${seconds}` : `${hours}:${String(minutes).padStart(2, '0')}:${seconds}`
}

/** The rows of an answer, as nodes of this document. */
function rowsOf(html) {
  const answer = new DOMParser().parseFromString(html, 'text/html').querySelector('ol')
  if (!answer) return { rows: [], next: null, lines: 0, skipped: 0 }
  const { next, lines, skipped } = answer.dataset
  const rows = [...answer.children].map((row) => document.importNode(row, true))
  return { rows, next: next ? Number(next) : null, lines: Number(lines ?? 0), skipped: Number(skipped ?? 0) }
}

/** Keeps the list short: rows that are furthest from where one looks go first. */
function trim(from) {
  while (list.childElementCount > MOST_ROWS) (from === 'top' ? list.firstElementChild : list.lastElementChild).remove()
}

// --- Replay --------------------------------------------------------------------------------------------------------------------------------------

function replay() {
  const find = (name) => player.querySelector(`[data-${name}]`)
  const [playButton, seek, speed, clock] = [find('play'), find('seek'), find('speed'), find('clock')]
  const length = Number(player.dataset.length)
  const state = {
    next: player.dataset.next === undefined ? null : Number(player.dataset.next),
    current: null,
    playing: false,
    timer: 0,
    asked: 0,
    coming: undefined,
  }

  /** Where one is; nowhere, once that row has gone from the list. */
  const here = () => (state.current?.isConnected ? state.current : null)

  async function load(query, passive = false) {
    const asked = (state.asked += 1)
    const response = await fetch(`${path}/replay/rows?${new URLSearchParams({ limit: PAGE, ...query })}`, {
      redirect: 'manual',
      ...(passive ? { headers: { 'X-Countersign-Refresh': '1' } } : {}),
    })
    if (!response.ok) {
      pause()
      say(
        response.status === 404
          ? 'There is no such part of the recording.'
          : 'You are signed out, or the server is away.',
      )
      return undefined
    }
    const answer = rowsOf(await response.text())
    return asked === state.asked ? answer : undefined
  }

  function pager() {
    const first = list.firstElementChild
    find('earlier-room').hidden = !first || lineOf(first) === 0
    find('later-room').hidden = state.next === null
  }

  function showTime(ms) {
    clock.textContent = clockText(ms)
    seek.value = String(ms)
    seek.setAttribute('aria-valuetext', clockText(ms))
  }

  /** `ms`: the moment that is meant, where it lies behind the row. */
  function point(row, { scroll = true, ms = undefined } = {}) {
    if (!row) return
    if (!state.playing) picture?.seek(ms ?? msOf(row), row.dataset.channel)
    state.current?.removeAttribute('aria-current')
    state.current = row
    row.setAttribute('aria-current', 'true')
    showTime(ms ?? msOf(row))
    history.replaceState(null, '', address(row))
    if (scroll) reveal(row, 'center', isCalm || state.playing ? 'auto' : 'smooth')
  }

  function address(row) {
    const url = new URL(location.href)
    for (const name of ['from', 'ms', 'channel', 'further']) url.searchParams.delete(name)
    url.searchParams.set('at', row.dataset.line)
    if (picture?.channel !== undefined) url.searchParams.set('channel', picture.channel)
    if (picture && Number(seek.value) > msOf(row)) url.searchParams.set('ms', Math.round(Number(seek.value)))
    url.hash = ''
    return url
  }

  /** The next page; whoever asks while it is on its way gets the same one. */
  function more(passive = false) {
    if (state.next === null) return Promise.resolve(false)
    state.coming ??= append(passive).finally(() => (state.coming = undefined))
    return state.coming
  }

  async function append(passive) {
    const answer = await load({ from: state.next }, passive)
    if (!answer) return false
    list.append(...answer.rows)
    state.next = answer.next
    trim('top')
    pager()
    return answer.rows.length > 0
  }

  async function before() {
    const first = list.firstElementChild
    if (!first || lineOf(first) === 0) return
    const from = Math.max(0, lineOf(first) - PAGE)
    const answer = await load({ from, limit: lineOf(first) - from })
    if (!answer) return
    const top = first.getBoundingClientRect().top
    list.prepend(...answer.rows)
    ;(pane ?? window).scrollBy(0, first.getBoundingClientRect().top - top)
    if (list.childElementCount > MOST_ROWS) {
      trim('bottom')
      state.next = lineOf(list.lastElementChild) + 1
    }
    pager()
  }

  async function show(query, pick, ms) {
    const answer = await load(query)
    if (!answer) return
    list.replaceChildren(...answer.rows)
    state.next = answer.next
    state.current = null
    pager()
    point(pick([...list.children]) ?? list.lastElementChild, { ms })
    if (answer.rows.length === 0) say('There is nothing recorded there.')
    // What comes last has company, too.
    if (list.childElementCount < FEW_ROWS) await before()
  }

  const toTime = (ms) =>
    show(
      { ms: Math.max(0, Math.round(ms)) },
      (rows) => rows.findLast((row) => msOf(row) <= ms) ?? rows[0],
      picture && ms <= length ? Math.max(0, ms) : undefined,
    )
  // The last events may be written a moment after the session has ended.
  const toEnd = () => toTime(length + LATE)
  const toLine = (line) => {
    const row = list.querySelector(`[data-line="${Number(line)}"]`)
    return row ? Promise.resolve(point(row)) : show({ at: line }, (rows) => rows.find((row) => lineOf(row) >= line))
  }

  async function step(by) {
    const row = here() ?? list.firstElementChild
    const next = by > 0 ? row?.nextElementSibling : row?.previousElementSibling
    if (next) return point(next)
    if (by > 0 ? await more() : await before().then(() => true)) {
      const now = by > 0 ? row?.nextElementSibling : row?.previousElementSibling
      if (now) point(now)
    }
  }

  function pause() {
    clearTimeout(state.timer)
    state.playing = false
    picture?.stop()
    list.classList.remove('playing')
    playButton.textContent = 'Play'
    reveal(here(), 'center')
  }

  async function tick() {
    if (!state.playing) return
    const current = here()
    if (!current?.nextElementSibling && !(await more(true))) {
      pause()
      return say('This is the end of the recording.')
    }
    const next = current?.nextElementSibling ?? list.firstElementChild
    if (!next || !state.playing) return pause()
    const rate = Number(speed.value)
    if (picture) return alongside(next, rate)
    const gap = current ? Math.max(0, msOf(next) - msOf(current)) : 0
    const wait = rate === 0 ? NO_WAIT_BEAT : Math.min(gap / rate, LONGEST_PAUSE)
    if (wait > 2000) say(`Nothing happens for ${clockText(gap)}.`)
    state.timer = setTimeout(() => {
      if (!state.playing) return
      say('')
      point(next)
      // The next page is asked for before its first row is wanted.
      if (lineOf(list.lastElementChild) - lineOf(next) < FEW_ROWS) more(true)
      tick()
    }, wait)
  }

  /** Plays the screen up to the next row, which then is where one is. */
  async function alongside(next, rate) {
    if (lineOf(list.lastElementChild) - lineOf(next) < FEW_ROWS) more(true)
    const isThere = await picture.play(msOf(next), rate, showTime)
    if (!isThere || !state.playing) return
    if (next.dataset.channel !== undefined && Number(next.dataset.channel) !== picture.channel)
      await picture.seek(msOf(next), next.dataset.channel)
    point(next, { scroll: picture !== undefined })
    tick()
  }

  function play() {
    say('')
    if (!here()) point(list.firstElementChild)
    state.playing = true
    list.classList.add('playing')
    playButton.textContent = 'Pause'
    tick()
  }
  const toggle = () => (state.playing ? pause() : play())

  playButton.addEventListener('click', toggle)
  for (const button of player.querySelectorAll('[data-step]'))
    button.addEventListener('click', () => {
      if (state.playing) pause()
      step(Number(button.dataset.step))
    })
  seek.addEventListener('input', () => {
    clock.textContent = clockText(Number(seek.value))
    seek.setAttribute('aria-valuetext', clockText(Number(seek.value)))
  })
  seek.addEventListener('change', () => (Number(seek.value) >= length ? toEnd() : toTime(Number(seek.value))))
  find('link').addEventListener('click', async ({ currentTarget }) => {
    const url = here() ? address(here()) : new URL(location.href)
    await navigator.clipboard.writeText(url.href)
    currentTarget.textContent = 'Copied'
    setTimeout(() => (currentTarget.textContent = 'Copy link'), 1500)
  })
  player.addEventListener('click', (event) => {
    const moment = event.target.closest('[data-moment]')
    const page = event.target.closest('[data-earlier], [data-later]')
    if (event.ctrlKey || event.metaKey || event.shiftKey || !(moment ?? page)) return
    event.preventDefault()
    if (moment) point(moment.closest('li'), { scroll: false })
    else if (page.dataset.earlier !== undefined) before()
    else more()
  })

  const keys = {
    ' ': toggle,
    j: () => step(1),
    k: () => step(-1),
    ArrowRight: () => toTime(Number(seek.value) + STRIDE),
    ArrowLeft: () => toTime(Number(seek.value) - STRIDE),
    Home: () => toTime(0),
    End: toEnd,
    '/': () => document.querySelector('form.filter input[name=text]')?.focus(),
  }
  player.addEventListener('keydown', (event) => {
    const { target, key } = event
    if (
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      target.closest('input, select, textarea, summary, [role=region]')
    )
      return
    if (key === ' ' && target.closest('button, a')) return
    const rate = ['1', '2', '3', '4'].indexOf(key)
    const act = rate < 0 ? keys[key] : () => (speed.selectedIndex = rate)
    if (!act) return
    event.preventDefault()
    act()
  })

  player.addEventListener('channel', ({ detail }) => {
    pause()
    toTime(Math.max(detail.began, Number(seek.value)))
  })

  pager()
  const at = player.dataset.at
  const ms = document.querySelector('[data-screen-box]')?.dataset.ms
  if (ms !== undefined) toTime(Number(ms))
  else if (at !== undefined) toLine(Number(at))
  else if (list.firstElementChild) point(list.firstElementChild, { scroll: false })
  if (!document.activeElement || document.activeElement === document.body) player.focus({ preventScroll: true })
}

// --- Live ----------------------------------------------------------------------------------------------------------------------------------------

function watch() {
  const mark = player.querySelector('[data-live-badge]')
  const follow = player.querySelector('[data-follow]')
  const source = new EventSource(`${path}/watch/lines`)
  let follows = true
  let last = -1

  const tone = (text, name) => {
    mark.textContent = text
    mark.className = `badge ${name}`
  }
  const toEnd = () => reveal(list.lastElementChild, 'end')

  follow.addEventListener('click', () => {
    follows = !follows
    follow.setAttribute('aria-pressed', String(follows))
    if (follows) toEnd()
  })

  source.addEventListener('open', () => tone('live', 'live'))
  source.addEventListener('lines', (event) => {
    // After a break in the line the end of the recording comes again.
    const rows = rowsOf(event.data).rows.filter((row) => lineOf(row) > last)
    const [first] = rows
    if (!first) return
    if (last >= 0 && lineOf(first) > last + 1) list.append(gap(lineOf(first) - last - 1, last + 1))
    last = lineOf(rows.at(-1))
    const opened = rows.findLast((row) => row.dataset.channel !== undefined && row.dataset.began !== undefined)
    if (opened) picture?.switchTo(Number(opened.dataset.channel))
    list.append(...rows)
    trim('top')
    if (follows) toEnd()
  })
  const over = (text, name) => (event) => {
    source.close()
    picture?.end()
    tone(text, name)
    say(`${event.data} `)
    const link = document.createElement('a')
    link.href = `${path}/replay`
    link.textContent = 'Replay it'
    status.append(link)
  }
  source.addEventListener('end', over('ended', 'plain'))
  source.addEventListener('away', over('away', 'bad'))
  source.addEventListener('error', () => {
    tone(source.readyState === EventSource.CLOSED ? 'away' : 'connecting', 'bad')
    if (source.readyState === EventSource.CLOSED) say('The connection is lost. Open the page anew.')
  })
  picture?.follow()
  addEventListener('pagehide', () => {
    source.close()
    picture?.end()
  })
}

/** Where more happened than is shown live. */
function gap(count, line) {
  const row = document.createElement('li')
  row.className = 'moment skipped'
  const link = document.createElement('a')
  link.href = `${path}/replay?at=${line}`
  link.textContent = `${count} more events, in the replay`
  row.append(link)
  return row
}

if (player.dataset.liveFrom === undefined) replay()
else watch()
