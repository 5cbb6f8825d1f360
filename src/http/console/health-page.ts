import { html } from 'hono/html'
import type { LastingScope, Stop } from '../../access/stops.ts'
import type { Target } from '../../model/target.ts'
import type { AboutPort, HealthPort } from '../ports.ts'
import type { CsvRow } from './csv.ts'
import { factorFields } from './factor-fields.ts'
import type { Cell } from './parts.ts'
import type { Html } from './frame.ts'
import { inert } from './recorded-text.ts'
import { badge, dangerButton, empty, exportLinks, filterForm, live, table, tags, time, timeInline } from './parts.ts'

export interface HealthPage {
  readonly checks: Awaited<ReturnType<HealthPort['checks']>>
  readonly about: ReturnType<AboutPort['describe']>
  readonly targets: readonly Target[]
  readonly stops: readonly Stop[]
  /** What of targets and stopped people is looked at. */
  readonly text: string | undefined
  readonly csrf: string
  /** Whether the viewer may stop and resume. */
  readonly mayStop: boolean
  readonly problem: string | undefined
}

/** Whether this node may let anything run, what it runs with, and the switch that ends everything. */
export function healthBody(page: HealthPage): Html {
  const { checks, about, problem } = page
  const ok = checks.every((one) => one.ok)
  return html`<h1>Health</h1>
    ${problem === undefined ? '' : html`<p class="problem" role="alert">${problem}</p>`}
    ${live(
      { id: 'checks', on: ['session', 'approval'] },
      html`<p>
          ${badge(ok ? 'ok' : 'failing')}
          ${ok ? 'Everything that must work does.' : 'Something that must work does not: nothing runs that could not be recorded and decided.'}
        </p>
        ${checkTable(checks)}`,
    )}
    <h2>Who may come in</h2>
    ${filterForm('/health', [{ name: 'text', label: 'Target, tag or person', value: page.text, type: 'search' }])}
    ${live({ id: 'stops', on: ['session', 'approval'] }, html`${targetTable(page)} ${stoppedPeople(page)}`)}
    ${everything(page)} ${runsWith(about)} ${exportLinks('/health', {})}`
}

/** Packs, channels and the node itself. */
const runsWith = (about: HealthPage['about']): Html =>
  html`<div class="split">
    <section>
      <h2>Policies in force</h2>
      <p class="soft">Version <code>${about.policyVersion}</code></p>
      ${table({
        caption: 'Packs',
        columns: ['Pack', 'File', 'Rules', 'Masks'],
        rows: about.packs.map(({ name, file, rules, masks }) => [name, html`<code>${file}</code>`, rules, masks]),
        empty: empty('No pack is loaded.', 'Without a rule, statements at card-data targets are refused.'),
      })}
    </section>
    <section>
      <h2>Messages</h2>
      ${table({
        caption: 'Channels',
        columns: ['Channel', 'Kind'],
        rows: about.channels.map(({ name, kind }) => [name, kind]),
        empty: empty(
          'No channel is configured.',
          html`Approvers see holds only here. Add one under <code>notify</code> in countersign.yaml.`,
        ),
      })}
      <h2>This node</h2>
      <dl>
        <dt>Version</dt>
        <dd>${about.version}</dd>
        <dt>Started</dt>
        <dd>${time(about.startedAt)}</dd>
        <dt>For machines</dt>
        <dd><a href="/readyz">/readyz</a> <a href="/metrics">/metrics</a></dd>
      </dl>
    </section>
  </div>`

/** The whole page as rows of a file: what is checked, who may come in, and what this node runs with. */
export function healthRows({
  checks,
  targets,
  stops,
  about,
}: Omit<HealthPage, 'csrf' | 'mayStop' | 'problem' | 'text'>): readonly CsvRow[] {
  const told = (stop: Stop | undefined): string =>
    stop === undefined ? '' : `by ${stop.by}, ${new Date(stop.at).toISOString()}: ${stop.reason}`
  const stopOf = (name: string): Stop | undefined => stops.find((one) => one.scope === 'target' && one.name === name)
  return [
    HEALTH_HEAD,
    ...checks.map(({ name, ok, detail }) => ['check', name, ok ? 'ok' : 'failing', detail ?? '']),
    ...targets.map(({ name }) => [
      'target',
      name,
      stopOf(name) === undefined ? 'allowed' : 'stopped',
      told(stopOf(name)),
    ]),
    ...stops
      .filter(({ scope }) => scope !== 'target')
      .map((stop) => [stop.scope, stop.name ?? '', 'stopped', told(stop)]),
    ...about.packs.map(({ name, file, rules, masks }) => ['pack', name, file, `${rules} rules, ${masks} masks`]),
    ...about.channels.map(({ name, kind }) => ['channel', name, kind, '']),
    ['node', about.version, about.policyVersion, new Date(about.startedAt).toISOString()],
  ]
}

const HEALTH_HEAD: CsvRow = ['what', 'name', 'state', 'detail']

const checkTable = (checks: HealthPage['checks']): Html =>
  table({
    caption: 'Checks',
    columns: ['Check', 'State', 'Detail'],
    rows: checks.map(({ name, ok, detail }) => [name, badge(ok ? 'ok' : 'failing'), detail ?? '']),
    empty: empty('Nothing is checked.', 'That is a fault.'),
  })

const isWanted = (words: readonly string[], text: string | undefined): boolean =>
  text === undefined || words.join(' ').toLowerCase().includes(text.toLowerCase())

function targetTable({ targets, stops, csrf, mayStop, text }: HealthPage): Html {
  const wanted = targets.filter(({ name, protocol, tags: all }) => isWanted([name, protocol, ...all], text))
  return table({
    caption: 'Targets',
    columns: ['Target', 'Protocol', 'Tags', 'Logins', ...(mayStop ? ['Switch'] : [])],
    rows: wanted.map(({ name, protocol, tags: all }) => {
      const stop = stops.find((one) => one.scope === 'target' && one.name === name)
      const state = stop === undefined ? badge('allowed') : stopped(stop)
      return [
        name,
        protocol,
        html`${tags(all)}`,
        state,
        ...(mayStop ? [switchOf({ scope: 'target', name, stop, csrf })] : []),
      ]
    }),
    empty:
      text === undefined
        ? empty('No target is configured.', 'An operator adds targets to countersign.yaml.')
        : empty('No target fits.', html`Take the filter away, or <a href="/health">see all</a>.`),
  })
}

/** Only those who are kept out; a person is stopped on their own page. */
function stoppedPeople({ stops, csrf, mayStop, text }: HealthPage): Html | string {
  const people = stops.filter(({ scope, name = '', reason }) => scope === 'person' && isWanted([name, reason], text))
  if (people.length === 0) return ''
  return table({
    caption: 'Stopped people',
    columns: ['Person', 'State', ...(mayStop ? ['Switch'] : [])],
    rows: people.map((stop) => [
      stop.name ?? '',
      stopped(stop),
      ...(mayStop ? [switchOf({ scope: 'person', name: stop.name, stop, csrf })] : []),
    ]),
    empty: html``,
  })
}

const stopped = ({ by, reason, at }: Stop): Html =>
  html`${badge('stopped', 'bad')} <span class="small soft">by ${inert(by)}, ${timeInline(at)}: ${inert(reason)}</span>`

function everything({ stops, csrf, mayStop }: HealthPage): Cell {
  const stop = stops.find(({ scope }) => scope === 'everything')
  if (!mayStop) return stop === undefined ? '' : html`<p>Everything: ${stopped(stop)}</p>`
  return html`<div class="row after">
    ${stop === undefined ? '' : html`<p>${stopped(stop)}</p>`}
    ${switchOf({ scope: 'everything', name: undefined, stop, csrf })}
  </div>`
}

interface Switch {
  readonly scope: LastingScope
  readonly name: string | undefined
  readonly stop: Stop | undefined
  readonly csrf: string
}

function switchOf({ scope, name, stop, csrf }: Switch): Html {
  const [what, verb] = [name ?? 'everything', stop === undefined ? 'stop' : 'resume']
  const label = verb === 'stop' ? `Stop ${what}` : `Resume ${what}`
  return dangerButton({
    action: `/health/${verb}`,
    csrf,
    label,
    passkey: name === undefined ? `${verb} ${scope}` : `${verb} ${scope} ${name}`,
    says:
      verb === 'resume'
        ? 'Lets new logins in again. Grants and credentials that were revoked stay revoked: people ask anew.'
        : `Ends every session ${name === undefined ? 'of every target' : `at ${name}`} within two seconds, cancels what runs and what waits, revokes the grants and credentials, and lets nobody in until somebody resumes it.`,
    fields: html`<input type="hidden" name="scope" value="${scope}" />
      ${name === undefined ? '' : html`<input type="hidden" name="name" value="${name}" />`}
      <label>Reason <input name="reason" required maxlength="500" /></label>
      ${factorFields({ fresh: false }, label, 'stop')}`,
  })
}
