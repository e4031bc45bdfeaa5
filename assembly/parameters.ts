// Types of parameters by which scripts/build-wasm.mjs tells the host what a number is: any other usize is an address.

/** A number of bytes. */
export type Bytes = usize;
/** A boolean of the host: 0 or 1. */
export type Flag = u32;
