/** The part of the WebAssembly API that the engine's loader uses: TypeScript has it only among the DOM's types. */
declare namespace WebAssembly {
  type Module = object
  type Instance = { readonly exports: Record<string, unknown> }
  function compile(bytes: Uint8Array): Promise<Module>
  function instantiate(module: Module, imports: Record<string, object>): Promise<Instance>
}
