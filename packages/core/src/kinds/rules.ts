import { defineKind } from './kind.ts';

export const rules = defineKind({
  kind: 'rules',
  about: 'the best association rule',
  parameters: {
    minSupport: { is: 'number', above: 0, to: 1, usual: 0.001 },
    longest: { is: 'whole', from: 2, to: 64, usual: 4 },
  },
  part: 'base',
  blendScale: 'log',
  fit: async ({ holdings }, spec) => (await import('../models/rule-model.ts')).fitRules(holdings, spec),
  restore: async (state) => (await import('../models/rule-model.ts')).rulesOf(state),
});
