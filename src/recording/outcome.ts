import type { RuleEffect } from '../model/verdict.ts'
import type { ExitEvent, Outcome, RecordedEvent, ResultEvent } from './event.ts'

const OF_VERDICT = { allow: 'allowed', hold: 'held', deny: 'denied' } as const satisfies Record<RuleEffect, Outcome>

/** The outcome that a line states, so that no caller can leave it out or contradict its own event. */
export function outcomeOf(event: RecordedEvent): Outcome {
  switch (event.kind) {
    case 'statement':
      return OF_VERDICT[event.verdict.effect]
    case 'result':
      return outcomeOfResult(event)
    case 'open':
      return 'allowed'
    case 'hold':
      return 'held'
    case 'ruling':
      return event.ruling === 'cleared' ? 'approved' : 'denied'
    case 'find':
      return 'found'
    case 'crash':
      return 'unknown'
    case 'close':
      return 'ended'
    case 'rows':
      return 'masked'
    case 'pg.notice':
    case 'pg.parameter':
    case 'pg.notification':
    case 'ssh.cast':
    case 'ssh.resize':
    case 'ssh.input':
    case 'seal':
      return 'noted'
    case 'ssh.exit':
      return outcomeOfExit(event)
    case 'ssh.file':
      return event.end === 'done' ? 'executed' : event.end
    case 'ssh.forward':
      return event.state === 'failed' ? 'failed' : 'noted'
  }
}

function outcomeOfResult(event: ResultEvent): Outcome {
  if (event.end !== 'done') return event.end
  return event.masked > 0 || event.pans > 0 ? 'masked' : 'executed'
}

function outcomeOfExit({ code, signal, pans }: ExitEvent): Outcome {
  if (code === undefined && signal === undefined) return 'unknown'
  if (code !== 0) return 'failed'
  return pans > 0 ? 'masked' : 'executed'
}
