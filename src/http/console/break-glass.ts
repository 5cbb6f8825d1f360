import { html } from 'hono/html'
import { z } from 'zod'
import type { Approval } from '../../approvals/approval.ts'
import { breakGlass, BreakGlassBody } from '../break-glass.ts'
import { Problem } from '../problem.ts'
import type { Viewer } from '../viewer.ts'
import { giveCookie } from './cookie.ts'
import { FACTOR_FIELDS, factorBodyOf, factorFields } from './factor-fields.ts'
import { formOf } from './form.ts'
import type { Html } from './frame.ts'
import { dangerButton } from './parts.ts'
import type { ConsoleContext, ConsoleDeps } from './seat.ts'

const { digest, incident, reason } = BreakGlassBody.shape
const Break = z.strictObject({ digest, incident, reason, ...FACTOR_FIELDS })

/** Whether this viewer could clear this statement of their own alone. Asked without a factor, it changes nothing. */
export async function mayBreakGlass(approval: Approval, viewer: Viewer, deps: ConsoleDeps): Promise<boolean> {
  const { person, owner, roles, service } = viewer
  if (approval.person !== person || approval.state !== 'open') return false
  const use = { id: approval.id, person, owner, roles, service, digest: approval.digest }
  const words = { incident: 'asked', reason: 'asked', factorFresh: false, origin: '' }
  const outcome = await deps.approvals.breakGlass({ ...use, ...words })
  return outcome.outcome === 'refused' && outcome.why === 'factor'
}

/** The way past the second person, for those whom the operator trusts with it. */
export const breakGlassForm = ({ id, digest: shown }: Approval, csrf: string): Html =>
  dangerButton({
    action: `/approvals/${id}/break-glass`,
    csrf,
    label: 'Break the glass',
    passkey: `break-glass ${id}`,
    says: 'Clears this statement without a second person. Everybody is told at once, masks and refusals stand, and until somebody else has signed the review you cannot do it again.',
    fields: html`<input type="hidden" name="digest" value="${shown}" />
      <label>Incident <input name="incident" required maxlength="64" autocapitalize="none" spellcheck="false" /></label>
      <label
        >What happens, and why it cannot wait <textarea name="reason" rows="2" required maxlength="500"></textarea>
      </label>
      ${factorFields({ fresh: false }, 'Break the glass', 'stop')}`,
  })

/** `POST /approvals/:id/break-glass`. A problem goes back to the approval's page. */
export async function breakGlassHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response | Problem> {
  const form = formOf(c, Break)
  if (form instanceof Problem) return form
  const factor = factorBodyOf(form)
  if (factor instanceof Problem) return factor
  const { viewer, address, visit } = c.get('seat')
  const body = { digest: form.digest, incident: form.incident, reason: form.reason, factor }
  const after = await breakGlass({ viewer, id: c.req.param('id') ?? '', address, body }, deps)
  if (after instanceof Problem) return after
  giveCookie(c, deps.visits.rotate(visit), deps)
  deps.visits.say(visit, 'The glass is broken: the statement runs, and everybody has been told.')
  return c.redirect(`/approvals/${after.id}`, 303)
}
