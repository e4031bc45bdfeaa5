/** Numbers that the workers of a run share: a message to each names their position, and no data is copied into it. */
export interface RunBoard {
  /** One i32: the next ticket. */
  ticket: Int32Array;
  /** f64[calls]: result of each call. */
  results: Float64Array;
  /** f64[calls x arguments], row-major; the buffer may be longer. */
  given: Float64Array;
}

/** Bytes before the results: the ticket has its own cache line. */
const headBytes = 64;

/** The board of a run of so many calls in a buffer. */
export function boardOf(buffer: SharedArrayBuffer, calls: number): RunBoard {
  return {
    ticket: new Int32Array(buffer, 0, 1),
    results: new Float64Array(buffer, headBytes, calls),
    given: new Float64Array(buffer, headBytes + calls * 8),
  };
}

/** A buffer for a run of so many calls with so many arguments in total: the last one if it is large enough. */
export function boardBuffer(calls: number, numbers: number, last?: SharedArrayBuffer): SharedArrayBuffer {
  const bytes = headBytes + (calls + numbers) * 8;
  return last !== undefined && last.byteLength >= bytes ? last : new SharedArrayBuffer(bytes);
}
