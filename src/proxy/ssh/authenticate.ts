import type { AuthContext, AuthenticationType, KeyboardAuthContext, PublicKeyAuthContext } from 'ssh2'
import type { Login } from '../../access/login.ts'
import { isCertificateAlgorithm } from '../../protocol/ssh/certificate.ts'
import { isKeyType } from '../../protocol/ssh/public-key.ts'
import type { SshEntered } from './entered.ts'
import {
  attemptOf,
  grantOf,
  proveCredential,
  proveKey,
  type Candidate,
  type KeyProof,
  type ProofDeps,
  type SignedRequest,
} from './login-proofs.ts'

export interface AuthenticateDeps extends ProofDeps {
  /** Takes a one-time code: counted, noted and good once at all doors together. */
  readonly verifyFactor: Login['verifyFactor']
}

/** Who it is and by which right. */
export type Identity = Pick<
  SshEntered,
  'person' | 'target' | 'grant' | 'credential' | 'how' | 'clientKey' | 'login' | 'restrictions'
>

export interface Conversation {
  /** Address of the client, without port. */
  readonly source: string
  /** Everything was right: the client may be told so. */
  readonly onIdentity: (context: AuthContext, identity: Identity) => void
  /** An attempt that failed and should be known. */
  readonly onFailed: (login: string, why: string) => void
  /** No more attempts: the connection is to end. */
  readonly onExhausted: () => void
}

/** Attempts that may fail on one connection, as many as sshd takes. */
const MAX_FAILURES = 6
/** Requests of every kind, those without a proof too. */
const MAX_REQUESTS = 30
const FIRST: AuthenticationType[] = ['publickey', 'password']
const SECOND: AuthenticationType[] = ['keyboard-interactive']
const PURPOSE = 'ssh login'

type Proved = Extract<KeyProof, { outcome: 'proved' }>

/**
 * One client's way through RFC 4252. A credential as password is enough; a key, or a certificate of a CA that asks for no second factor, needs a one-time code
 * besides (partial success). Names, keys, passwords and locks are told apart by nobody outside: each is refused in the same words after the same work.
 */
export class Authentication {
  readonly #deps: AuthenticateDeps
  readonly #talk: Conversation
  #requests = 0
  #failures = 0
  /** A login by key or certificate that a code is still missing for. */
  #halfway: Proved | undefined
  /** Why keys and certificates were refused. */
  readonly #wrongKeys = new Set<string>()
  #login = ''

  constructor(deps: AuthenticateDeps, talk: Conversation) {
    this.#deps = deps
    this.#talk = talk
  }

  /** Answers one request; rejects only where a store does. */
  async answer(context: AuthContext): Promise<void> {
    this.#requests += 1
    if (this.#requests > MAX_REQUESTS) this.#talk.onExhausted()
    else if (context.method === 'password') await this.#password(context, context.password)
    else if (context.method === 'publickey') await this.#publicKey(context)
    else if (context.method === 'keyboard-interactive') await this.#code(context)
    else context.reject(this.#left())
  }

  /**
   * The connection is over and nobody came in. Wrong keys count as one failure then: an agent shows all that it has, and that is no guessing.
   */
  async close(): Promise<void> {
    if (this.#wrongKeys.size === 0) return
    this.#talk.onFailed(this.#login, [...this.#wrongKeys].join('; '))
    await this.#deps.lockout.failed(attemptOf(this.#candidate(this.#login)))
  }

  async #password(context: AuthContext, password: unknown): Promise<void> {
    const { username: login } = context
    // A change of password comes as an object; there is nothing to change.
    const typed = typeof password === 'string' ? password : ''
    const proof = await proveCredential(this.#deps, this.#candidate(login), typed)
    if (proof.outcome === 'refused') {
      if (typed !== '') this.#talk.onFailed(login, proof.why)
      this.#refuse(context)
      return
    }
    const { credential, grant } = proof
    const { person, target } = credential
    const restrictions = { command: undefined, terminal: true, forwards: true }
    this.#talk.onIdentity(context, {
      ...{ person, target, grant, credential, login, restrictions },
      ...{ how: 'credential', clientKey: undefined },
    })
  }

  async #publicKey(context: PublicKeyAuthContext): Promise<void> {
    const request = requestOf(context)
    if (request === 'query') {
      // Said of every key of a kind that we take, known or not: which ones are registered is learnt by nobody who cannot sign with them.
      if (isTaken(context.key.algo)) context.accept()
      else this.#refuse(context)
      return
    }
    const { username: login } = context
    const proof = await proveKey(this.#deps, this.#candidate(login), request)
    if (proof.outcome === 'refused') {
      this.#login = login
      this.#wrongKeys.add(proof.why)
      this.#refuse(context)
    } else if (proof.needsCode) {
      this.#halfway = proof
      context.reject(SECOND, true)
    } else await this.#finish(context, proof)
  }

  async #code(context: KeyboardAuthContext): Promise<void> {
    const halfway = this.#halfway
    if (halfway === undefined) {
      this.#refuse(context)
      return
    }
    const code = await asked(context)
    if (code === undefined) return
    const { person } = halfway
    const proof = { kind: 'totp', code } as const
    const verdict = await this.#deps.verifyFactor({ person, proof, purpose: PURPOSE, address: this.#talk.source })
    if (verdict === 'accepted') await this.#finish(context, halfway)
    else this.#refuse(context)
  }

  /** The grant is looked for last: a person who has proved everything else is told what is missing. */
  async #finish(context: AuthContext, proved: Proved): Promise<void> {
    const { username: login } = context
    const { person, how, clientKey, restrictions } = proved
    const candidate = this.#candidate(login)
    const grant = await grantOf(this.#deps, login)
    await this.#deps.lockout.succeeded(attemptOf(candidate))
    this.#wrongKeys.clear()
    if (grant === undefined) {
      this.#talk.onFailed(login, 'no-grant')
      this.#halfway = undefined
      if (context.method === 'keyboard-interactive') await told(context, NO_GRANT)
      this.#refuse(context)
      return
    }
    await this.#deps.keys.used(clientKey)
    const { target } = grant
    this.#talk.onIdentity(context, {
      ...{ person, target, grant, credential: undefined, how, clientKey, login, restrictions },
    })
  }

  #refuse(context: AuthContext): void {
    this.#failures += 1
    context.reject(this.#left())
    if (this.#failures >= MAX_FAILURES) this.#talk.onExhausted()
  }

  #left(): AuthenticationType[] {
    return [...(this.#halfway === undefined ? FIRST : SECOND)]
  }

  #candidate(login: string): Candidate {
    return { login, source: this.#talk.source }
  }
}

const NO_GRANT =
  'You have no live grant for this target, or more than one: name it as person@target, or ask for access with "countersign request TARGET".'

const isTaken = (algorithm: string): boolean => isKeyType(algorithm) || isCertificateAlgorithm(algorithm)

function requestOf({ key, signature, blob, hashAlgo }: PublicKeyAuthContext): SignedRequest | 'query' {
  if (signature === undefined || blob === undefined) return 'query'
  return { algorithm: key.algo, key: key.data, signature, message: blob, hash: hashAlgo }
}

/** Undefined where the client has gone on to something else. To one question there is one answer (RFC 4256, 3.4); several are as good as a wrong one. */
async function asked(context: KeyboardAuthContext): Promise<string | undefined> {
  const answers = await prompted(context, [{ prompt: 'One-time code: ', echo: true }])
  if (answers === undefined) return undefined
  const [code = ''] = answers.length === 1 ? answers : []
  return code.replaceAll(' ', '')
}

/** A sentence without a question (RFC 4256, 3.2). */
const told = async (context: KeyboardAuthContext, text: string): Promise<void> => {
  await prompted(context, [], text)
}

function prompted(
  context: KeyboardAuthContext,
  questions: { prompt: string; echo: boolean }[],
  text = '',
): Promise<readonly string[] | undefined> {
  return new Promise((resolve) => {
    // A request that is given up answers with an error, against its declaration.
    const onAnswer = (answers: unknown): void =>
      resolve(Array.isArray(answers) ? answers.map((answer) => String(answer)) : undefined)
    context.prompt(questions, '', text, onAnswer)
  })
}
