import { als } from './als.ts';
import { type ModelSpec, monthsWithin, type SpecOfKind } from './kinds.ts';
import { usualValues } from './spec-of.ts';

/** A model that next-purchase models are made of. */
export interface MemberCandidate {
  name: string;
  spec: ModelSpec;
  /**
   * Its weight in the mean of many campaigns, on the standardised scale: what a fit leans towards where purchases are few. Version 1: the sample bank
   * of 2026-11 (docs/next-purchase.md).
   */
  prior: number;
  /** Whether its level is taken off its scores, so that it tells customers apart and not products. */
  lessLevel?: true;
}

const popularitySpec = (rest: Omit<SpecOfKind<'popularity'>, 'kind'>): SpecOfKind<'popularity'> => ({
  kind: 'popularity',
  ...rest,
});
const upsellByRecency = popularitySpec({ of: 'upsell', by: 'recency', prior: 10 });
const holders = popularitySpec({ of: 'holders' });

/** Acquisitions of the last months, per time on sale: a product that was launched within them counts as fast as it has sold since. */
const salesRate = (within: number) => popularitySpec({ of: 'recent', within, perTimeOnSale: true });

/** Lookups of exact baskets, where they lean on popularity by so many customers: without dates at several strengths, as counts are all that there is. */
const lookupCandidate = (prior: number): MemberCandidate => {
  return { name: `lookup of ${prior}`, spec: { kind: 'lookup', prior, base: holders }, prior: 0 };
};

/** The EASE that is a member where nothing tells a better one. */
const usualEase: SpecOfKind<'ease'> = { kind: 'ease', regularization: 100, constant: 1, context: 0 };

/** The members that count what is held. */
const held: readonly MemberCandidate[] = [
  { name: 'popularity', spec: holders, prior: 0 },
  { ...lookupCandidate(10), name: 'lookup', prior: 0.2 },
];

/** Most columns for which eigenvectors are the cheaper start. */
const mostForEigenvectors = 2048;

/**
 * The ALS among the members. Where holdings have dates two sweeps from the eigenvectors of the baskets tell as much as five from a drawn start; wide tables
 * take those, and banks without dates, whose lists lean on it more.
 */
function alsMember(columns: number, isDated: boolean): SpecOfKind<'als'> {
  const { factors, regularization, alpha, constant, seed } = usualValues(als.parameters) as SpecOfKind<'als'>;
  const spec = { kind: 'als' as const, factors, regularization, alpha, constant, seed };
  return isDated && columns <= mostForEigenvectors ? { ...spec, iterations: 2, start: 'svd' } : { ...spec, iterations: 5 };
}

/** The members of next-purchase models of tables of so many columns: by what is held alone, or where holdings have dates by what was taken next, too. */
export function memberCandidates(columns: number, isDated: boolean, ease = usualEase): MemberCandidate[] {
  const factors: MemberCandidate = { name: 'als', spec: alsMember(columns, isDated), prior: 0.25 };
  if (!isDated) return [...held, { name: 'ease', spec: ease, prior: 0.25 }, factors, lookupCandidate(1), lookupCandidate(100)];
  return [
    ...held,
    // what was just launched has been held too short for models of what is held: how much each product is bought is left to the rates
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

/** Numbers of months whose acquisitions members learn from, rising; the last is 12. */
export function memberMonths(): readonly number[] {
  return monthsWithin(memberCandidates(0, true).map(({ spec }) => spec));
}
