import type { Measured } from './measure.ts';

/** A kernel to be held against the machine's limits; `run` returns the milliseconds that it took. */
export interface LimitBench extends Measured {
  run: () => Promise<number>;
  unit: string;
  /** Bytes that a unit has to move from and to memory, on average: what is read once and written once, nothing that a cache holds. */
  bytes: number;
  /** Multiply-adds of a unit, on average; 0: none. */
  multiplyAdds: number;
  precision: 'f32' | 'f64';
}
