// The screen of a recorded terminal. The server has run every control sequence already and sends what stood there as text with styles; here it becomes text nodes, and no
// markup, address or control of a recording ever does anything.

/** Longest pause of a replay, in milliseconds. */
const LONGEST_IDLE = 5000
/** Without waiting, frames still come in beats that an eye can follow. */
const BEAT = 16
/** Frames that are asked for before the last one is wanted. */
const FEW_FRAMES = 60
/** How often a live screen is asked for, in milliseconds. */
const LIVE_MS = 700
/** Longest step between two looks at the clock while nothing changes on the screen. */
const STEP_MS = 250
const STYLE = /^(?:[bdiuvxh]|[fg](?:\d|1[0-5]))$/
// Two columns wide in every terminal's font; here they are given their room.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u

const screenBox = document.querySelector('[data-screen-box]')
if (screenBox)
  document.querySelector('[data-player]').screen = screenOf(screenBox, document.querySelector('[data-player]'))

function screenOf(box, player) {
  const find = (name) => box.querySelector(`[data-${name}]`)
  const [view, lines, channels, status] = [find('screen'), find('lines'), find('channels'), find('screen-status')]
  const cursor = document.createElement('i')
  cursor.className = 'cursor'
  const state = {
    channel: Number(channels.value) || undefined,
    frames: [],
    next: undefined,
    atEnd: true,
    began: 0,
    ms: 0,
    asked: 0,
    stop: () => {},
    live: 0,
  }

  const say = (text) => {
    if (status.textContent !== text) status.textContent = text
  }

  function pieceOf([text, style]) {
    const letters = String(style)
      .split(' ')
      .filter((letter) => STYLE.test(letter))
    const piece = document.createElement('span')
    piece.className = letters.join(' ')
    if (letters.includes('h')) piece.title = 'hidden on the screen by its colours'
    const parts = WIDE.test(text) ? text.split(new RegExp(`(${WIDE.source})`, 'u')) : [text]
    for (const part of parts) {
      if (part === '') continue
      if (!WIDE.test(part)) piece.append(part)
      else {
        const wide = document.createElement('span')
        wide.className = 'w2'
        wide.textContent = part
        piece.append(wide)
      }
    }
    return piece
  }

  function size(frame) {
    while (lines.childElementCount > frame.rows) lines.lastElementChild.remove()
    while (lines.childElementCount < frame.rows) {
      const line = document.createElement('div')
      line.className = 'line'
      lines.append(line)
    }
    view.style.setProperty('--columns', String(frame.columns))
  }

  /** Draws what changed. */
  function draw(frame) {
    size(frame)
    for (const [row, pieces] of frame.lines) lines.children[row]?.replaceChildren(...pieces.map(pieceOf))
    const [row, column] = frame.cursor
    cursor.style.setProperty('--row', String(row))
    cursor.style.setProperty('--column', String(column))
    if (!cursor.isConnected) view.append(cursor)
    state.ms = state.began + frame.ms
    if (frame.marks.length > 0) say(frame.marks.join(' · '))
  }

  function blank(text) {
    lines.replaceChildren()
    cursor.remove()
    say(text)
  }

  async function ask(query, passive) {
    const asked = (state.asked += 1)
    const parameters = new URLSearchParams({ channel: state.channel, ...query })
    const response = await fetch(`${player.dataset.path}/replay/screens?${parameters}`, {
      redirect: 'manual',
      ...(passive ? { headers: { 'X-Countersign-Refresh': '1' } } : {}),
    })
    if (asked !== state.asked) return undefined
    if (!response.ok) {
      if (!passive)
        blank(
          response.status === 404 ? 'Nothing was kept of this channel.' : 'You are signed out, or the server is away.',
        )
      return undefined
    }
    const page = await response.json()
    if (asked !== state.asked) return undefined
    state.next = page.next
    state.atEnd = page.atEnd
    state.began = page.began
    return page
  }

  /** Shows the screen as it was at a moment of the session. */
  async function seek(ms, channel) {
    state.stop()
    if (channel !== undefined) choose(channel)
    if (state.channel === undefined) return
    const page = await ask({ ms: Math.max(0, Math.round(ms)) }, false)
    if (!page) return
    state.frames = page.frames
    if (ms < state.began) blank('This channel shows nothing yet.')
    else {
      say('')
      const first = state.frames.shift()
      if (first) draw(first)
      else blank('')
    }
    state.ms = ms
  }

  async function more(passive) {
    if (state.next === undefined || state.atEnd) return
    const page = await ask({ next: state.next }, passive)
    if (page) state.frames.push(...page.frames)
  }

  const rest = (ms) =>
    new Promise((resolve) => {
      const timer = setTimeout(() => resolve(true), ms)
      state.stop = () => {
        clearTimeout(timer)
        state.stop = () => {}
        resolve(false)
      }
    })

  /** Plays up to a moment of the session; `rate` 0 does not wait. Resolves with false where it was stopped. */
  async function play(until, rate, onTime) {
    let idle = 0
    for (;;) {
      if (state.frames.length < FEW_FRAMES && !state.atEnd) await more(true)
      const frame = state.frames[0]
      const due = frame ? state.began + frame.ms : Infinity
      const next = Math.min(due, until)
      const gap = Math.max(0, next - state.ms)
      // A long silence is cut short, and the clock jumps.
      const step = rate === 0 || idle >= LONGEST_IDLE ? gap : Math.min(gap, STEP_MS * rate)
      const wait = rate === 0 ? BEAT : step === gap && idle >= LONGEST_IDLE ? 0 : step / rate
      if (!(await rest(wait))) return false
      idle = step < gap ? idle + step / rate : 0
      if (step < gap) state.ms += step
      else if (due <= until) draw(state.frames.shift())
      else state.ms = until
      onTime(state.ms)
      if (state.ms >= until && due > until) return true
    }
  }

  function choose(channel) {
    state.channel = Number(channel)
    if (![...channels.options].some(({ value }) => value === String(channel))) add(channel)
    channels.value = String(channel)
  }

  function add(channel) {
    const option = document.createElement('option')
    option.value = option.textContent = String(channel)
    channels.append(option)
  }

  channels.addEventListener('change', () => {
    state.channel = Number(channels.value)
    const began = Number(channels.selectedOptions[0]?.dataset.began ?? 0)
    player.dispatchEvent(new CustomEvent('channel', { detail: { began } }))
  })

  /** Follows a channel that still lives. */
  async function follow() {
    if (state.channel !== undefined) {
      const page = state.next === undefined ? await ask({ ms: 1e12 }, true) : await ask({ next: state.next }, true)
      for (const frame of page?.frames ?? []) draw(frame)
    }
    state.live = setTimeout(follow, LIVE_MS)
  }

  return {
    play,
    seek,
    get ms() {
      return state.ms
    },
    get channel() {
      return state.channel
    },
    stop: () => state.stop(),
    follow,
    /** A live session opened another channel. */
    switchTo(channel) {
      if (channel === state.channel) return
      choose(channel)
      state.next = undefined
    },
    end: () => clearTimeout(state.live),
  }
}
