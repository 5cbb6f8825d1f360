/** Bytes that end too early, go on too long or are not what they must be. Its message never repeats any of them. */
export class BytesError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'BytesError'
  }
}
