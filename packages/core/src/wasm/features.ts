/** Smallest modules that use a vector, and an atomic load of a shared memory (those of wasm-feature-detect). */
const probes = {
  SIMD: '0061736d010000000105016000017b030201000a0a0108004100fd0ffd620b',
  threads: '0061736d01000000010401600000030201000504010301010a0b0109004100fe1002001a0b',
};

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g)!, (digits) => Number.parseInt(digits, 16));
}

/** Features of WebAssembly that the kernels need and this host lacks: `SIMD`, `threads`; empty if the kernels run. */
export function missingFeatures(
  validate: (module: Uint8Array<ArrayBuffer>) => boolean = (module) => WebAssembly.validate(module),
): string[] {
  return Object.entries(probes).flatMap(([name, module]) => (validate(bytesOf(module)) ? [] : [name]));
}
