/**
 * An error with three readers: `code` for machines, `clientMessage` for the person at the client (safe by construction), `message`, `fields` and `cause` for
 * the operator's log. None of the three ever carries a secret or card data.
 */
export class CodedError extends Error {
  readonly code: string
  readonly clientMessage: string
  readonly fields: Readonly<Record<string, string | number | boolean>>

  constructor(code: string, options: CodedErrorOptions) {
    super(options.message ?? options.clientMessage, { cause: options.cause })
    this.name = 'CodedError'
    this.code = code
    this.clientMessage = options.clientMessage
    this.fields = options.fields ?? {}
  }
}

export interface CodedErrorOptions {
  readonly clientMessage: string
  readonly message?: string
  readonly fields?: Readonly<Record<string, string | number | boolean>>
  readonly cause?: unknown
}

/** Any thrown value as an Error. */
export const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)))
