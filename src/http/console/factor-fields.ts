import { html } from 'hono/html'
import { z } from 'zod'
import type { Proof } from '../deciding.ts'
import { answerOfFactor, Assertion, Code } from '../factor.ts'
import type { Factor } from '../factor.ts'
import { Problem } from '../problem.ts'
import type { FactorAnswer } from '../../access/factor-answer.ts'
import type { Html } from './frame.ts'

/** The fields that a form with a factor has; spread into its schema. */
export const FACTOR_FIELDS = {
  totp: z.union([Code, z.literal('')]).optional(),
  passkey: z.string().max(16_384).optional(),
}

/** The buttons of a form that needs a fresh factor: with a one-time code, or with a passkey. `fresh` asks for neither. */
export function factorFields({ fresh }: { readonly fresh: boolean }, label: string, tone: string): Html {
  if (fresh) return html`<button class="${tone}">${label}</button>`
  return html`<label
      >A new one-time code
      <input
        name="totp"
        required
        data-required
        inputmode="numeric"
        pattern="[0-9]{6,8}"
        autocomplete="one-time-code"
        title="6 to 8 digits"
    /></label>
    <input type="hidden" name="passkey" />
    <div class="row">
      <button class="${tone}">${label}</button>
      <button type="button" class="second" data-use-passkey data-script>Use a passkey instead</button>
    </div>
    <p class="problem" role="alert" data-passkey-problem></p>`
}

interface FactorForm {
  readonly totp?: string | undefined
  readonly passkey?: string | undefined
}

/** The factor of a posted form as the API takes it, or a problem where it has none. */
export function factorBodyOf(form: FactorForm): Factor | Problem {
  const { totp = '', passkey = '' } = form
  if (passkey === '') return totp === '' ? needed() : totp
  const parsed = Assertion.safeParse(jsonOf(passkey))
  return parsed.success ? parsed.data : new Problem('factor-refused', 'the passkey gave no answer that can be read')
}

const needed = (): Problem => new Problem('factor-refused', 'a new one-time code or a passkey is needed')

/** The factor of a posted form; undefined where it has none. */
export function factorOf(form: FactorForm): FactorAnswer | Problem | undefined {
  if ((form.totp ?? '') === '' && (form.passkey ?? '') === '') return undefined
  const factor = factorBodyOf(form)
  return factor instanceof Problem ? factor : answerOfFactor(factor)
}

/** What a text says as JSON; undefined where it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * The proof of a posted decision: its own factor, or the sign-in that was made for this very page, once. A problem where there is neither.
 */
export function proofOf(form: FactorForm, spend: () => boolean): Proof | Problem {
  const given = factorOf(form)
  if (given !== undefined) return given
  return spend() ? { kind: 'login' } : needed()
}
