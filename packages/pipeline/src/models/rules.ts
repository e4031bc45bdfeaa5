import { type RulesSpec, rulesFit } from '@basketwise/core/kinds';
import { number, whole } from '../values/schemas.ts';
import { defineKind } from './kind.ts';

export const rules = defineKind({
  ...rulesFit,
  about: 'the best association rule',
  parameters: { min_support: number.positive('expected more than 0').max(1, 'expected at most 1'), longest: whole(2, 64) },
  defaults: { min_support: 0.001, longest: 4 },
  part: 'base',
  specOf: ({ min_support: minSupport, longest }): RulesSpec => ({ kind: 'rules', minSupport, longest }),
});
