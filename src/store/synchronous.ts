/** The same methods as they are inside the worker: each runs to its end within one transaction. */
export type Synchronous<T> = {
  readonly [Key in keyof T]: T[Key] extends (...input: infer Input) => Promise<infer Output>
    ? (...input: Input) => Output
    : never
}
