import { Bytes } from './parameters';

/** Fills `bytes` bytes at `target` with zeros. */
export function fillZero(target: usize, bytes: Bytes): void {
  memory.fill(target, 0, bytes);
}
