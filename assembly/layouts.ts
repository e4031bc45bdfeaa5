// Types of parameters, and the absent number.
// The layouts.ts of each folder has the records and constants that both the kernels and the host (Node.js) read.
// The host reads a record as an array of words. scripts/build-wasm.mjs writes the position of each field for the host.
// All fields of a record therefore have one type.

/** Number of bytes. A parameter of type usize is an address in the wasm memory. */
export type Bytes = usize;
/** Boolean of the host: 0 or 1. */
export type Flag = u32;
/** Absent number, 2^32 - 1. As a row's group, it excludes the row from the campaign. As a product's position, it excludes the product. */
export const none: u32 = 0xffff_ffff;
