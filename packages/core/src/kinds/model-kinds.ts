import type { BlendMember } from '../models/blend.ts';
import { constant, defineKind, factors, iterations, prior, regularization, sample, seed, within } from './kind.ts';
import { acquisitionsWithin, bandValues } from './learning-data.ts';

export const popularity = defineKind({
  kind: 'popularity',
  about: 'The most popular products: the same list for all, or for all of a recency band.',
  parameters: {
    of: {
      is: 'one of',
      of: ['holders', 'recent', 'upsell'],
      usual: 'holders',
      about: 'Count: holders, purchases, or purchases of customers with earlier holdings.',
    },
    by: { is: 'one of', of: ['recency'], about: 'Counts by recency band of the newest holding; without it for all customers.' },
    prior: { ...prior, with: 'by' },
    within,
    perTimeOnSale: {
      is: 'flag',
      usual: false,
      quiet: true,
      about: 'Whether purchases are counted per time on sale, so that a product launched within the months is not behind.',
    },
  },
  part: 'base',
  blendScale: 'log',
  async fit(data, { of: source, by, prior = 10, within = 12, perTimeOnSale }) {
    const training = source === 'holders' ? data.holdings : acquisitionsWithin('popularity', data, within);
    const parts = perTimeOnSale && source !== 'holders' ? data.partsOnSale?.(within) : undefined;
    const { fitPopularity } = await import('../models/popularity.ts');
    return fitPopularity(training, { of: source, prior, ...(by === undefined ? {} : { byRecency: true }) }, parts);
  },
  restore: async (state) => (await import('../models/popularity.ts')).popularityOf(state),
  needsAcquisitions: ({ of }) => of !== 'holders',
});

/** Automatic choice of a model. A config names it in place of a kind of model. */
export const automatic = {
  kind: 'automatic',
  about: 'Learned or chosen in each run from the data (docs/models.md#the-automatic-model). The default.',
  parameters: { sample, seed },
} as const;

export const itemKnn = defineKind({
  kind: 'item-knn',
  about: 'Products similar to the held ones, by the customers who hold both.',
  parameters: {
    similarity: { is: 'one of', of: ['cosine', 'tfidf', 'bm25'], usual: 'bm25', about: 'Measure of similarity of two products.' },
    neighbours: { is: 'whole', from: 1, to: 1_000_000, usual: 20, about: 'Most similar products that count for each product.' },
  },
  part: 'base',
  blendScale: 'raw',
  fit: async ({ holdings }, spec) => (await import('../models/item-knn.ts')).fitItemKnn(holdings, spec),
  restore: async (state) => (await import('../models/linear-model.ts')).linearModelOf(state),
});

export const lookup = defineKind({
  kind: 'lookup',
  about: 'Shares of products among customers with exactly this basket, backed by another model.',
  parameters: { prior, base: { is: 'base', usual: { kind: 'ease' }, about: 'Model whose scores serve as prior.' } },
  part: 'member',
  blendScale: 'log',
  async fit({ holdings, counted }, spec, { fitInner }) {
    const { fitLookup } = await import('../models/lookup.ts');
    return fitLookup(holdings, await fitInner(spec.base), spec, counted);
  },
  restore: async (state, inner) => (await import('../models/lookup.ts')).lookupOf(state, inner),
});

export const ease = defineKind({
  kind: 'ease',
  about: 'Linear autoencoder in closed form, EASE. Fast; gives reasons.',
  parameters: { regularization: { ...regularization, usual: 100 }, constant },
  fixed: { context: 0 },
  part: 'base',
  blendScale: 'raw',
  fit: async (data, { regularization, constant }) =>
    (await import('../models/ease.ts')).fitEase(data.holdings, { regularization, value: bandValues(data, constant) }),
  restore: async (state) => (await import('../models/linear-model.ts')).linearModelOf(state),
  /** Multiplies the ridge by the ratio of customers, because the ridge is added to counts of customers. */
  scale: (spec, ratio) => ({ ...spec, regularization: spec.regularization * ratio }),
});

export const blend = defineKind({
  kind: 'blend',
  about: 'Weighted sum of the scores of other models.',
  parameters: {
    members: { is: 'members', needed: true, scaled: true, about: 'Components, required: models with `weight` and `scale`.' },
  },
  part: 'none',
  blendScale: 'raw',
  async fit(_, { members }, { fitInner }) {
    const fitted: BlendMember[] = [];
    for (const { model, scale, weight } of members) fitted.push({ model: await fitInner(model), scale, weight });
    const { createBlend } = await import('../models/blend.ts');
    return createBlend(fitted);
  },
  restore: async (state, inner) => (await import('../models/blend.ts')).blendOf(state, inner),
});

export const rules = defineKind({
  kind: 'rules',
  about: 'Confidence of the best association rule that applies.',
  parameters: {
    minSupport: {
      is: 'number',
      above: 0,
      to: 1,
      usual: 0.001,
      about: 'Least share of customers who hold all products of a rule.',
    },
    longest: { is: 'whole', from: 2, to: 64, usual: 4, about: 'Largest number of products of a rule, both sides together.' },
  },
  part: 'base',
  blendScale: 'log',
  fit: async ({ holdings }, spec) => (await import('../models/rule-model.ts')).fitRules(holdings, spec),
  restore: async (state) => (await import('../models/rule-model.ts')).rulesOf(state),
});

export const lift = defineKind({
  kind: 'lift',
  about: 'Lift of pairs: how much more often a product is purchased next, or held together, than by chance. Gives reasons.',
  parameters: {
    pairs: { is: 'one of', of: ['next', 'held'], usual: 'next', about: 'Pairs: held and purchased next, or held together.' },
    prior: { ...prior, usual: 2 },
    within,
  },
  part: 'base',
  blendScale: 'raw',
  async fit(data, { pairs, prior, within = 12 }) {
    const training = pairs === 'held' ? data.holdings : acquisitionsWithin('lift', data, within);
    const { fitLift } = await import('../models/lift.ts');
    return fitLift(training, { pairs, prior, value: bandValues(data, 1), counted: data.counted });
  },
  restore: async (state) => (await import('../models/lift.ts')).liftOf(state),
  needsAcquisitions: ({ pairs }) => pairs === 'next',
});

export const bpr = defineKind({
  kind: 'bpr',
  about: 'Matrix factorization by Bayesian personalised ranking (docs/method.md#bayesian-personalised-ranking).',
  parameters: {
    factors: { ...factors, usual: 32 },
    regularization: { ...regularization, usual: 0.01 },
    learningRate: { is: 'number', above: 0, usual: 0.05, about: 'Length of the gradient steps.' },
    constant: { ...constant, planned: true },
    iterations: { ...iterations, usual: 100 },
    seed,
  },
  part: 'base',
  blendScale: 'raw',
  fit: async ({ holdings }, spec) => (await import('../models/bpr.ts')).fitBpr(holdings, spec),
  restore: async (state) => (await import('../models/bpr.ts')).bprOf(state),
  shorten: (spec, share, least) => ({
    ...spec,
    iterations: Math.min(spec.iterations, Math.max(least, Math.ceil(spec.iterations * share))),
  }),
});

export const lookupNext = defineKind({
  kind: 'lookup-next',
  about: 'Next purchases of customers with exactly this basket, backed by another model.',
  parameters: {
    prior,
    byRecency: { is: 'flag', usual: true, about: 'Whether baskets also differ by the recency band of the newest holding.' },
    within,
    base: {
      is: 'base',
      usual: { kind: 'popularity', of: 'upsell', by: 'recency' },
      about: 'Model whose scores serve as prior.',
    },
  },
  part: 'member',
  blendScale: 'log',
  async fit(data, spec, { fitInner }) {
    const acquisitions = acquisitionsWithin(spec.kind, data, spec.within ?? 12);
    const { fitLookupNext } = await import('../models/lookup.ts');
    return fitLookupNext(acquisitions, await fitInner(spec.base), spec, data.counted);
  },
  restore: async (state, inner) => (await import('../models/lookup.ts')).lookupOf(state, inner),
  needsAcquisitions: () => true,
});
