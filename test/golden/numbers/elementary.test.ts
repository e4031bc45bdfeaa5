import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exp, log, log1p, log2, pow } from '@basketwise/core';
import { expect, test } from 'vitest';
import { bitsOf, sameEverywhere } from './bits.ts';

const rows: [name: 'exp' | 'log' | 'log1p' | 'log2', x: number, value: number][] = JSON.parse(
  readFileSync(fileURLToPath(new URL('elementary.json', import.meta.url)), 'utf8'),
);
const functions = { exp, log, log1p, log2, pow };

/** How many numbers lie between two. */
function apart(a: number, b: number): number {
  const [first, second] = new BigInt64Array(new Float64Array([a, b]).buffer);
  return Number(first! - second!);
}

test('logarithms and exponentials are those of 60 digits, but for the last bits', () => {
  const most = { exp: 0, log: 0, log1p: 0, log2: 0 };
  for (const [name, x, value] of rows) most[name] = Math.max(most[name], Math.abs(apart(functions[name](x), value)));
  expect(most.exp).toBeLessThanOrEqual(2);
  expect(most.log).toBeLessThanOrEqual(2);
  expect(most.log1p).toBeLessThanOrEqual(3);
  expect(most.log2).toBeLessThanOrEqual(3);
});

test('ends of their ranges', () => {
  expect([exp(0), exp(Number.NEGATIVE_INFINITY), exp(-746), exp(710), exp(Number.NaN)]).toEqual([
    1,
    0,
    0,
    Number.POSITIVE_INFINITY,
    Number.NaN,
  ]);
  expect([log(1), log(0), log(-1), log(Number.POSITIVE_INFINITY)]).toEqual([
    0,
    Number.NEGATIVE_INFINITY,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ]);
  expect([log1p(0), log1p(-1), log1p(-2), log1p(1e-300)]).toEqual([0, Number.NEGATIVE_INFINITY, Number.NaN, 1e-300]);
  for (let n = -1074; n < 1024; n++) expect(log2(2 ** n)).toBe(n);
  expect([pow(0.7, 0), pow(0.7, 1), pow(0.7, 2), pow(0, 0.5)]).toEqual([1, 0.7, 0.7 * 0.7, 0]);
  expect(pow(0.7, 0.5)).toBeCloseTo(Math.sqrt(0.7), 15);
});

test('their bits are the same on every engine', () => {
  expect(bitsOf(functions)).toBe(sameEverywhere);
});

const packages = fileURLToPath(new URL('../../../packages', import.meta.url));

test('no result depends on functions of Math whose last bits are those of an engine', () => {
  const found = readdirSync(packages).flatMap((name) => {
    if (name === 'cli' || name === 'demo') return [];
    const root = join(packages, name, 'src');
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    return files.flatMap((file) =>
      [
        ...readFileSync(join(root, file), 'utf8').matchAll(
          /Math\.(a?(?:cos|sin|tan)h?|atan2|cbrt|exp|expm1|hypot|log\w*|pow)\(/g,
        ),
      ].map(([use]) => `${name}/${file}: ${use}`),
    );
  });
  expect(found).toEqual([]);
});
