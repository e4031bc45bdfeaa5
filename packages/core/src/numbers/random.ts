/** Seeded stream of random numbers, the same on every machine. Random samples and starts of models depend on its exact numbers. */
export interface Random {
  /** Next number of [0, 1), a multiple of 2^-53. */
  next(): number;
}

/**
 * MurmurHash3's 32-bit finaliser, a bijection of 32-bit numbers. Every input bit affects every output bit.
 * @returns a whole number from 0 to 2^32 - 1
 */
export function fmix32(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Generator xoshiro128** (Blackman and Vigna, Scrambled linear pseudorandom number generators, 2018), seeded by splitmix32. */
export function createRandom(seed: number): Random {
  const state = new Uint32Array(4);
  let mixer = seed >>> 0;
  for (let i = 0; i < 4; i++) {
    mixer = (mixer + 0x9e3779b9) >>> 0;
    state[i] = fmix32(mixer);
  }
  const rotate = (x: number, k: number) => (x << k) | (x >>> (32 - k));
  const draw = () => {
    const [a, b, c, d] = state as unknown as [number, number, number, number];
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const c2 = c ^ a;
    const d2 = d ^ b;
    state[1] = b ^ c2;
    state[0] = a ^ d2;
    state[2] = c2 ^ (b << 9);
    state[3] = rotate(d2, 11);
    return result;
  };
  return { next: () => ((draw() >>> 5) * 0x4000000 + (draw() >>> 6)) / 0x20000000000000 };
}
