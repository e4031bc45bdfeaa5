import { createInlinePool, createRandom } from '@basketwise/core';
import { expect, test } from 'vitest';
import { factorize, solveCholesky } from '../../../packages/core/src/numbers/cholesky.ts';
import { type SymmetricSystem, solveDefinite } from '../../../packages/offers/src/allocation/smooth-steps.ts';

/** A system with a lower triangle alone; definite where its diagonal is large. */
function randomSystem(size: number, large: number): SymmetricSystem {
  const random = createRandom(size);
  const matrix = Float64Array.from({ length: size * size }, (_, at) => {
    const [row, column] = [Math.floor(at / size), at % size];
    return row === column ? large : row > column ? random.next() - 0.5 : Number.NaN;
  });
  const numbers = () => Float64Array.from({ length: size }, () => random.next());
  return { matrix, diagonal: numbers(), right: numbers() };
}

/** The same on the host. */
function solved({ matrix, diagonal, right }: SymmetricSystem): Float64Array | null {
  const size = right.length;
  const changed = matrix.map((one, at) => (at % (size + 1) === 0 ? one + diagonal[at / (size + 1)]! : one));
  return factorize(changed, size) ? solveCholesky(changed, size, right) : null;
}

test.each([0, 1, 2, 7, 8, 31, 32, 33, 64, 65, 100, 203])(
  'systems are solved as the host does, to the last bit: %i lines',
  (size) => {
    const pool = createInlinePool();
    const { bytes } = pool.memory.usage;
    const system = randomSystem(size, size + 1);
    const { matrix } = system;
    const before = matrix.slice();
    const found = solveDefinite(pool, system);
    expect(found).toEqual(solved(system));
    expect(found).not.toBeNull();
    expect(matrix).toEqual(before);
    expect(pool.memory.usage.bytes).toBe(bytes);
  },
);

test('a system that is not positive definite has no solution', () => {
  for (const size of [3, 40, 90]) {
    const system = { ...randomSystem(size, 0.1), diagonal: new Float64Array(size) };
    expect(solved(system)).toBeNull();
    expect(solveDefinite(createInlinePool(), system)).toBeNull();
  }
});
