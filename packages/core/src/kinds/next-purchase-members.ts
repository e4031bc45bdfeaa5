import { als } from './als.ts';
import { type ModelSpec, monthsWithin, type SpecOfKind } from './kinds.ts';
import { usualValues } from './spec-of.ts';

/** Component of next-purchase models. */
export interface MemberCandidate {
  name: string;
  spec: ModelSpec;
  /**
   * Prior weight of a fit on the standardised scale: the mean over many campaigns. It matters if purchases are few.
   * Version 1: the sample bank of 2026-11 (docs/next-purchase.md).
   */
  prior: number;
  /** Whether its level is subtracted from its scores. It then distinguishes customers, not products. */
  lessLevel?: true;
}

const popularitySpec = (rest: Omit<SpecOfKind<'popularity'>, 'kind'>): SpecOfKind<'popularity'> => ({
  kind: 'popularity',
  ...rest,
});
const upsellByRecency = popularitySpec({ of: 'upsell', by: 'recency', prior: 10 });
const holders = popularitySpec({ of: 'holders' });

/** Purchases of the last months per time on sale. A product launched within them is counted at its rate since the launch. */
const salesRate = (within: number) => popularitySpec({ of: 'recent', within, perTimeOnSale: true });

/**
 * Lookup of exact baskets, shrunk to popularity by `prior` pseudo-customers. Data without dates use several strengths, as counts
 * are the only evidence.
 */
const lookupCandidate = (prior: number): MemberCandidate => {
  return { name: `lookup of ${prior}`, spec: { kind: 'lookup', prior, base: holders }, prior: 0 };
};

/** EASE component, unless the config names another. */
const usualEase: SpecOfKind<'ease'> = { kind: 'ease', regularization: 100, constant: 1, context: 0 };

/** Components that count holdings. */
const held: readonly MemberCandidate[] = [
  { name: 'popularity', spec: holders, prior: 0 },
  { ...lookupCandidate(10), name: 'lookup', prior: 0.2 },
];

/** Most columns for which the eigenvector start is cheaper than the random one. */
const mostForEigenvectors = 2048;

/**
 * ALS component. With dates, two sweeps from the eigenvectors of the baskets are as accurate as five from a random start.
 * Wide tables use the random start. So do data without dates, whose lists depend more on ALS.
 */
function alsMember(columns: number, isDated: boolean): SpecOfKind<'als'> {
  const { factors, regularization, alpha, constant, seed } = usualValues(als.parameters) as SpecOfKind<'als'>;
  const spec = { kind: 'als' as const, factors, regularization, alpha, constant, seed };
  return isDated && columns <= mostForEigenvectors ? { ...spec, iterations: 2, start: 'svd' } : { ...spec, iterations: 5 };
}

/**
 * Components of next-purchase models of tables with `columns` columns. Without dates they use holdings only, with dates also
 * later purchases.
 */
export function memberCandidates(columns: number, isDated: boolean, ease: SpecOfKind<'ease'> = usualEase): MemberCandidate[] {
  const factors: MemberCandidate = { name: 'als', spec: alsMember(columns, isDated), prior: 0.25 };
  if (!isDated) return [...held, { name: 'ease', spec: ease, prior: 0.25 }, factors, lookupCandidate(1), lookupCandidate(100)];
  return [
    ...held,
    // Models of holdings have too few holders of a newly launched product. Its level comes from the purchase rates.
    { ...factors, lessLevel: true },
    { name: 'lift of held', spec: { kind: 'lift', pairs: 'held', prior: 2 }, prior: 0.2 },
    { name: 'lift of next', spec: { kind: 'lift', pairs: 'next', prior: 2 }, prior: 0.25 },
    { name: 'up-sell rate', spec: popularitySpec({ of: 'upsell', perTimeOnSale: true }), prior: 0.07 },
    { name: 'up-sell rate by recency', spec: { ...upsellByRecency, perTimeOnSale: true }, prior: 0.1 },
    { name: 'sales rate of 12 months', spec: salesRate(12), prior: 0.13 },
    { name: 'sales rate of 3 months', spec: salesRate(3), prior: 0.5 },
    { name: 'sales rate of 1 month', spec: salesRate(1), prior: 0.15 },
    { name: 'lookup-next', spec: { kind: 'lookup-next', prior: 10, byRecency: true, base: upsellByRecency }, prior: 0.2 },
    {
      name: 'lookup-next of 3 months',
      spec: { kind: 'lookup-next', prior: 10, byRecency: true, within: 3, base: upsellByRecency },
      prior: 0.4,
    },
  ];
}

/** Numbers of recent months whose purchases the components count, ascending. The last is 12. */
export function memberMonths(): readonly number[] {
  return monthsWithin(memberCandidates(0, true).map(({ spec }) => spec));
}
