import { Builder } from '../../bytes/builder.ts'
import type { AuthenticationResponse, BackendMessage, FrontendMessage } from './messages.ts'
import { BACKEND_TAGS, FRONTEND_TAGS } from './tags.ts'
import { isAuthentication, writeAuthenticationRequest, writeBackend } from './write-backend.ts'
import { writeAuthentication, writeFrontend } from './write-frontend.ts'

/**
 * The frame of a message that we send to an upstream. What cannot be said (a NUL in a string, a lone surrogate, a number out of range) throws BytesError or
 * RangeError: our own bug.
 */
export function encodeFrontend(message: FrontendMessage | AuthenticationResponse): Buffer {
  switch (message.name) {
    case 'password':
    case 'saslInitialResponse':
    case 'saslResponse':
    case 'gssResponse':
      return framed(FRONTEND_TAGS.password, (body) => writeAuthentication(body, message))
    default:
      return framed(FRONTEND_TAGS[message.name], (body) => writeFrontend(body, message))
  }
}

/** The frame of a message that we send to a client. Throws like `encodeFrontend`. */
export function encodeBackend(message: BackendMessage): Buffer {
  if (isAuthentication(message)) {
    return framed(BACKEND_TAGS.authentication, (body) => writeAuthenticationRequest(body, message))
  }
  return framed(BACKEND_TAGS[message.name], (body) => writeBackend(body, message))
}

function framed(tag: number, write: (body: Builder) => unknown): Buffer {
  const frame = new Builder().u8(tag).i32(0)
  write(frame)
  return frame.patchI32(1, frame.length - 1).finish()
}
