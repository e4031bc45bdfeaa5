// Types of parameters, and the absent number. Records and constants that kernels and host both read are in the layouts.ts of their folder.
// scripts/build-wasm.mjs writes the position of each field for the host, which reads records as arrays of words. All fields of a
// record have one type.

/** Number of bytes. A parameter of any other type usize is an address. */
export type Bytes = usize;
/** Boolean of the host: 0 or 1. */
export type Flag = u32;
/** Absent number. As group: the row is not in the campaign. As position: the product does not grow the set. */
export const none: u32 = 0xffff_ffff;
