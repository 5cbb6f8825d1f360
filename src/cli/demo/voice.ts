import { scrub } from '../../mask/scrub.ts'
import type { Io } from '../io.ts'
import { terminalLine } from '../terminal.ts'
import { createTeller, type Teller } from './teller.ts'

/** Tells the story to a person, or with `--json` to a program: one object a step and one at the end. */
export interface Voice {
  begin(title: string): Teller
  /** Somebody waits for their next one-time code. */
  waiting(person: string, ms: number): void
  done(): void
  failed(error: Error): void
  /** All steps were as they should be. */
  end(): void
}

interface Step {
  readonly number: number
  readonly title: string
  readonly said: string[]
}

export interface VoiceOptions {
  readonly io: Io
  readonly json: boolean
  readonly steps: number
}

export function openVoice({ io, json, steps }: VoiceOptions): Voice {
  const started = performance.now()
  const seconds = (): number => Math.round((performance.now() - started) / 100) / 10
  const print = (line: string): void => (json ? undefined : io.out(`${line}\n`))
  const object = (value: object): void => (json ? io.out(`${JSON.stringify(value)}\n`) : undefined)
  let step: Step = { number: 0, title: 'setting the stage', said: [] }
  const say = (line: string): void => {
    step.said.push(line.trim())
    print(line)
  }
  print('Starting a Postgres full of test cards and Countersign before it ...')
  return {
    begin(title) {
      step = { number: step.number + 1, title, said: [] }
      print(`\n${step.number}. ${title}`)
      return createTeller(say)
    },
    waiting: (person, ms) =>
      say(`   (${person}'s next one-time code comes in ${Math.ceil(ms / 1000)} s; each works once)`),
    done: () => object({ step: step.number, title: step.title, ok: true, said: step.said }),
    failed(error) {
      const why = terminalLine(scrub(error.message))
      object({ step: step.number, title: step.title, ok: false, said: step.said, error: why })
      object({ ok: false, seconds: seconds(), failed: step.title })
      if (!json) io.err(`\nFAILED at step ${step.number}, "${step.title}": ${why}\n`)
    },
    end() {
      object({ ok: true, seconds: seconds(), steps })
      print(`\nAll ${steps} steps were as they should be, in ${seconds()} s. Nothing was left behind.`)
    },
  }
}
