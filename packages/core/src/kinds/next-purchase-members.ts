import { als } from './als.ts';
import { type ModelSpec, monthsWithin, type SpecOfKind } from './kinds.ts';
import { usualValues } from './spec-of.ts';

/** Possible component of a next-purchase model. */
export interface MemberCandidate {
  name: string;
  spec: ModelSpec;
  /**
   * Prior weight on the standardised scale: the mean of the fitted weights of many campaigns of the sample bank
   * (docs/method.md). It matters for fits with few purchases.
   */
  prior: number;
  /** Whether the level of the component (see `memberLevel`) is subtracted from its scores. They then compare customers, not products. */
  lessLevel?: true;
}

const popularitySpec = (rest: Omit<SpecOfKind<'popularity'>, 'kind'>): SpecOfKind<'popularity'> => ({
  kind: 'popularity',
  ...rest,
});
const upsellByRecency = popularitySpec({ of: 'upsell', by: 'recency', prior: 10 });
const holders = popularitySpec({ of: 'holders' });

/** Purchases of the last `within` months per time on sale. For a product launched in these months, this is the time since the launch. */
const salesRate = (within: number) => popularitySpec({ of: 'recent', within, perTimeOnSale: true });

/**
 * Lookup of exact baskets. The counts of each basket are shrunk to popularity with the strength of `prior` customers. For data
 * without dates, several lookups with different strengths are components.
 */
const lookupCandidate = (prior: number): MemberCandidate => {
  return { name: `lookup of ${prior}`, spec: { kind: 'lookup', prior, base: holders }, prior: 0 };
};

/** EASE component used if the config names none. */
export const usualEase: SpecOfKind<'ease'> = { kind: 'ease', regularization: 100, constant: 1, context: 0 };

/** Components that count holdings. */
const held: readonly MemberCandidate[] = [
  { name: 'popularity', spec: holders, prior: 0 },
  { ...lookupCandidate(10), name: 'lookup', prior: 0.2 },
];

/** Largest number of columns for which the eigenvector start of ALS is cheaper than the random start. */
const mostForEigenvectors = 2048;

/**
 * ALS component. For data with dates, two sweeps from the eigenvectors of the baskets are as accurate as five from a random start.
 * Tables with more columns, and data without dates, use five sweeps from the random start.
 */
function alsMember(columns: number, isDated: boolean): SpecOfKind<'als'> {
  const { factors, regularization, alpha, constant, seed } = usualValues(als.parameters) as SpecOfKind<'als'>;
  const spec = { kind: 'als' as const, factors, regularization, alpha, constant, seed };
  return isDated && columns <= mostForEigenvectors ? { ...spec, iterations: 2, start: 'svd' } : { ...spec, iterations: 5 };
}

/**
 * Possible components of a next-purchase model with `columns` columns. Without dates the components use holdings only, with dates
 * they also use purchases.
 */
export function memberCandidates(columns: number, isDated: boolean, ease: SpecOfKind<'ease'> = usualEase): MemberCandidate[] {
  const factors: MemberCandidate = { name: 'als', spec: alsMember(columns, isDated), prior: 0.25 };
  if (!isDated) return [...held, { name: 'ease', spec: ease, prior: 0.25 }, factors, lookupCandidate(1), lookupCandidate(100)];
  return [
    ...held,
    // A newly launched product has too few holders for ALS. Components that count purchase rates determine its level.
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

/** Periods before the date, in months, whose purchases the components count. Distinct and ascending; the last is 12. */
export function memberMonths(): readonly number[] {
  return monthsWithin(memberCandidates(0, true).map(({ spec }) => spec));
}
