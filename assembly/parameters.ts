// Types of kernel parameters, from which scripts/build-wasm.mjs derives the host's types: any other usize is an address.

/** A number of bytes. */
export type Bytes = usize;
/** A boolean of the host: 0 or 1. */
export type Flag = u32;
