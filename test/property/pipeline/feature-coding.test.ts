import { AppError, contextAt, required } from '@basketwise/core';
import { customerContexts } from '@basketwise/pipeline';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitCodings } from '../../../packages/pipeline/src/features/fit-codings.ts';
import { cases } from '../../cases.ts';
import { emptyEngine, type FeatureValues, now, snapshotOf, then } from '../../unit/pipeline/feature-snapshot.ts';

type Value = number | string | null;

/** A feature of a config and its values, as plain lists. */
interface Column {
  name: string;
  bands?: number | number[];
  now: Value[];
  before: Value[];
}

const compareBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const quoted = (value: string) => (/^"*\((new|other|unknown)\)"*$/.test(value) ? `"${value}"` : value);

/** Label of a value, and all labels in order: written as plainly as it can be. 'key' and so on: the feature is refused. */
function labelsOf({ bands, now }: Column): { levels: string[]; label: (value: Value) => string } | 'config' | 'bad-data' {
  const known = now.filter((value) => value !== null);
  if (bands !== undefined) {
    const sorted = (known as number[]).toSorted((a, b) => a - b);
    let bounds = Array.isArray(bands) ? bands : [];
    if (!Array.isArray(bands)) {
      const above = sorted.find((value) => value > sorted[0]!);
      if (above === undefined) return 'bad-data';
      for (let i = 1; i < bands; i++) {
        const value = sorted[Math.floor((i * sorted.length) / bands)]!;
        const bound = value === sorted[0] ? above : value;
        if (!bounds.includes(bound)) bounds = [...bounds, bound];
      }
    }
    const names = bounds.map((bound, i) => (i === 0 ? `below ${bound}` : `${bounds[i - 1]} to below ${bound}`));
    const levels = [...names, `${bounds.at(-1)} and more`, '(unknown)'];
    const label = (value: Value) =>
      value === null ? '(unknown)' : levels[bounds.filter((bound) => (value as number) >= bound).length]!;
    return new Set(now.map(label)).size < 2 ? 'bad-data' : { levels, label };
  }
  const counts = new Map<string, number>();
  for (const value of known as string[]) counts.set(value, (counts.get(value) ?? 0) + 1);
  if (known.length >= 20 && counts.size > known.length / 2) return 'config';
  const least = Math.max(now.length / 1000, Math.min(100, now.length / 100));
  const rare = [...counts].filter(([, count]) => count < least);
  if (rare.reduce((sum, [, count]) => sum + count, 0) > known.length / 2) return 'config';
  const kept = [...counts.keys()].filter((value) => required(counts, value) >= least).sort(compareBytes);
  const label = (value: Value) =>
    value === null
      ? '(unknown)'
      : kept.includes(value as string)
        ? quoted(value as string)
        : counts.has(value as string)
          ? '(other)'
          : '(new)';
  if (new Set(now.map(label)).size < 2) return 'bad-data';
  return { levels: [...kept.map(quoted), ...(rare.length > 0 ? ['(other)'] : []), '(unknown)'], label };
}

function crossed(first: string, second: string): string {
  if (first === '(new)' || second === '(new)') return '(new)';
  return [first, second].map((label) => label.replaceAll('|', '||')).join(' | ');
}

const texts = [
  'a',
  'b',
  'B',
  '가',
  '',
  '(other)',
  '(unknown)',
  '"(new)"',
  "it's",
  'a | b',
  'a || b',
  'x\0y',
  '|',
  'rare',
  '\u{1f600}',
  '\uffff',
];
const numbers = [0, -0, 1, -1.5, 0.1, 0.1 + 0.2, 1e21, -3e-7, 20, 65, 2 ** 53];

const bank = fc
  .record({ customers: fc.oneof(fc.integer({ min: 1, max: 25 }), fc.integer({ min: 250, max: 420 })), seed: fc.integer() })
  .chain(({ customers }) => {
    const values = <T>(pool: readonly T[]) =>
      fc.subarray([...pool], { minLength: 1 }).chain((some) => {
        const often = fc.constantFrom(...some.slice(0, 3));
        const value = fc.oneof({ weight: 60, arbitrary: often }, { weight: 1, arbitrary: fc.constantFrom(...some) });
        return fc.array(fc.option(value, { freq: 8 }), { minLength: customers, maxLength: customers });
      });
    const bands = fc.oneof(fc.integer({ min: 2, max: 5 }), fc.subarray([-1.5, 0, 0.1 + 0.2, 20, 65], { minLength: 1 }));
    const text = fc.record({ now: values(texts), before: values(texts) });
    const number = fc.record({ bands, now: values(numbers), before: values(numbers) });
    return fc.array(fc.oneof(text, number), { minLength: 2, maxLength: 4 });
  })
  .map((columns): Column[] => columns.map((column, i) => ({ ...column, name: `f${i}` })));

test('customers are coded as an oracle codes them: labels, levels, crossings and refusals', async () => {
  const { engine, remove } = await emptyEngine();
  const seen = { refused: 0, coded: 0, pooled: 0, unseen: 0 };
  try {
    await fc.assert(
      fc.asyncProperty(bank, async (columns) => {
        const snapshot = await snapshotOf(engine, columns as FeatureValues[]);
        const config = Object.fromEntries(
          columns.map(({ name, bands }) => [name, { column: name, fixed: false, ...(bands === undefined ? {} : { bands }) }]),
        );
        const asked = { ...config, pair: { cross: ['f1', 'f0'] } };
        const labels = columns.map(labelsOf);
        const refusals = labels.filter((found) => typeof found === 'string');
        const coded = await fitCodings(snapshot, asked).catch((error: unknown) => {
          expect(error).toBeInstanceOf(AppError);
          expect(refusals).toContain((error as AppError).code);
          seen.refused++;
        });
        if (!coded) return;
        expect(refusals).toEqual([]);
        seen.coded++;
        const plain = labels as Exclude<(typeof labels)[number], string>[];
        expect(coded.slice(0, -1).map(({ levels }) => levels)).toEqual(plain.map(({ levels }) => levels));
        const contexts = customerContexts(snapshot, coded);
        const pairs = columns[0]!.now.map((_, c) =>
          crossed(plain[1]!.label(columns[1]!.now[c]!), plain[0]!.label(columns[0]!.now[c]!)),
        );
        const least = Math.max(pairs.length / 1000, Math.min(100, pairs.length / 100));
        const count = (pair: string) => pairs.filter((other) => other === pair).length;
        const pairLabel = (pair: string) => (!pairs.includes(pair) ? '(new)' : count(pair) < least ? '(other)' : pair);
        for (const [date, key] of [
          [now, 'now'],
          [then, 'before'],
        ] as const) {
          const known = (await contexts.at(date))!;
          const { ofCustomer } = known;
          const distinct = Array.from({ length: known.codes.length / coded.length }, (_, at) => contextAt(known, at));
          expect(new Set(distinct.map((context) => JSON.stringify(context))).size).toBe(distinct.length);
          for (const c of pairs.keys()) {
            const own = columns.map((column, f) => plain[f]!.label(column[key][c]!));
            const expected = [...own, pairLabel(crossed(own[1]!, own[0]!))];
            expect(distinct[ofCustomer[c]!]).toEqual(expected);
            if (expected.includes('(other)')) seen.pooled++;
            if (expected.includes('(new)')) seen.unseen++;
          }
          expect(new Set(ofCustomer).size).toBe(distinct.length);
        }
        for (const { levels } of coded) expect(new Set(levels).size).toBe(levels.length);
      }),
      { numRuns: cases(80), seed: 16 },
    );
  } finally {
    await remove();
  }
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(cases(80) / 16);
});
