import { defineKind } from './kind.ts';

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
