import type { PersonName } from '../model/ids.ts'

/** One WebAuthn credential of a person, without anything secret: its private key never left the device. */
export interface Passkey {
  /** The credential's id, base64url. */
  readonly id: string
  readonly person: PersonName
  /** What the person calls it. */
  readonly name: string
  /** COSE key, base64url. */
  readonly publicKey: string
  /** Signatures so far, as the device counts them; 0 for devices that count nothing. */
  readonly counter: number
  readonly transports: readonly string[]
  readonly createdAt: number
  readonly usedAt: number | undefined
}

/** A challenge that was answered: it is kept until it runs out, so that it is answered once. */
export interface SpentChallenge {
  readonly challenge: string
  readonly person: PersonName | undefined
  readonly purpose: string
  readonly expiresAt: number
}

/** A passkey whose registration was found right and which is not kept yet. */
export interface NewPasskey {
  readonly passkey: Passkey
  readonly spent: SpentChallenge
}

/** What a browser's `navigator.credentials.create()` gave, in its JSON form. */
export interface PasskeyRegistration {
  readonly id: string
  readonly rawId: string
  readonly type: 'public-key'
  readonly response: {
    readonly clientDataJSON: string
    readonly attestationObject: string
    readonly transports?: readonly string[] | undefined
  }
}
