import { fitRules, rulesOf } from '../models/rule-model.ts';
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
  fit: ({ holdings }, spec) => fitRules(holdings, spec),
  restore: rulesOf,
});
