// Access to elements of arrays in the wasm memory.
import { Bytes } from '../layouts';

/** Element `index` of an array u32[] at address `base`. */
export function word(base: usize, index: u32): u32 {
  return load<u32>(base + ((<usize>index) << 2));
}

/** Element `index` of an array i32[] at address `base`. */
export function integer(base: usize, index: u32): i32 {
  return load<i32>(base + ((<usize>index) << 2));
}

/** Element `index` of an array f64[] at address `base`. */
export function real(base: usize, index: u32): f64 {
  return load<f64>(base + ((<usize>index) << 3));
}

/** Fills `bytes` bytes at `target` with zeros. */
export function fillZero(target: usize, bytes: Bytes): void {
  memory.fill(target, 0, bytes);
}
