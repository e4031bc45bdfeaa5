/** The functions whose bits must be the same on every engine. */
export type Elementary = Record<'exp' | 'log' | 'log1p' | 'log2', (x: number) => number> & {
  pow: (x: number, y: number) => number;
};

/** A hash over the bits of 100,000 values of each function; it stands alone, so that a page can run its text. */
export function bitsOf({ exp, log, log1p, log2, pow }: Elementary): string {
  const view = new DataView(new ArrayBuffer(8));
  let hash = 0x811c9dc5;
  let state = 1;
  for (let i = 0; i < 100_000; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const draw = state / 4_294_967_296;
    const values = [exp(draw * 60 - 30), log(draw * 50 + 1e-9), log1p(draw * 3 - 0.9), log2(draw * 1e6 + 1e-9), pow(draw, 1.7)];
    for (const value of values) {
      view.setFloat64(0, value);
      hash = Math.imul(hash ^ view.getUint32(0), 16_777_619);
      hash = Math.imul(hash ^ view.getUint32(4), 16_777_619);
    }
  }
  return (hash >>> 0).toString(16);
}

/** The hash that every engine must give. */
export const sameEverywhere = 'ed41eba8';
