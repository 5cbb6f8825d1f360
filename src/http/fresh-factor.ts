import type { FactorProof } from '../access/login.ts'
import { bearerToken } from './bearer.ts'
import { answerOfFactor } from './factor.ts'
import type { Factor } from './factor.ts'
import type { FactorsPort, LoginPort, PasskeysPort } from './ports.ts'
import { Problem } from './problem.ts'
import type { Call } from './route.ts'

/** Spends a fresh factor on exactly this; why not, where it was not taken. */
export async function factorProblem(
  proof: FactorProof,
  login: Pick<LoginPort, 'verifyFactor'>,
): Promise<Problem | undefined> {
  const verdict = await login.verifyFactor(proof)
  if (verdict === 'accepted') return undefined
  return verdict === 'locked'
    ? new Problem('locked')
    : new Problem('factor-refused', 'wrong, expired or already used; a phone whose clock is off shows wrong ones')
}

/** The same for a factor as a body has it. */
export const spendFactor = (
  { factor, ...shown }: Omit<FactorProof, 'proof'> & { readonly factor: Factor },
  login: Pick<LoginPort, 'verifyFactor'>,
): Promise<Problem | undefined> => factorProblem({ ...shown, proof: answerOfFactor(factor) }, login)

export interface OtherFactorDeps {
  readonly login: LoginPort
  readonly passkeys: Pick<PasskeysPort, 'listOf'>
  readonly factors: Pick<FactorsPort, 'isEnrolled'>
}

/** A new factor comes with a fresh other one. Who has none at all, and has just signed in through the organisation, sets up the first. */
export async function spendOtherFactor(
  { viewer: { person }, address, c }: Pick<Call<unknown, unknown>, 'viewer' | 'address' | 'c'>,
  { factor, purpose }: { readonly factor: Factor | undefined; readonly purpose: string },
  { login, factors, passkeys }: OtherFactorDeps,
): Promise<Problem | undefined> {
  if (factor !== undefined) return spendFactor({ person, address, factor, purpose }, login)
  const hasNone = !(await factors.isEnrolled(person)) && (await passkeys.listOf(person)).length === 0
  if (!hasNone) return new Problem('factor-refused', 'another factor of yours is needed')
  const token = bearerToken(c)
  return token !== undefined && (await login.isRecent(token))
    ? undefined
    : new Problem('factor-refused', 'sign in again first')
}
