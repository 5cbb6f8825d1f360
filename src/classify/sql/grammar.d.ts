/** The package types only its entry; this is the loader under it, which can be given a compiled module. */
declare module 'libpg-query/wasm/libpg-query.js' {
  export interface Grammar {
    readonly HEAPU8: Uint8Array
    readonly HEAPU32: Uint32Array
    _malloc(bytes: number): number
    _free(address: number): void
    _wasm_parse_query_raw(address: number): number
    _wasm_free_parse_result(address: number): void
  }
  export interface GrammarOptions {
    instantiateWasm(
      imports: WebAssembly.Imports,
      receive: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
    ): WebAssembly.Exports
  }
  export default function load(options: GrammarOptions): Promise<Grammar>
}

/** The part of the engine's WebAssembly that is used here; Node's own types leave it to the DOM's. */
declare namespace WebAssembly {
  type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>
  type Exports = Readonly<Record<string, unknown>>
  interface Module {
    readonly [Symbol.toStringTag]: string
  }
  class Instance {
    constructor(module: Module, imports: Imports)
    readonly exports: Exports
  }
  function compile(bytes: Uint8Array): Promise<Module>
}
