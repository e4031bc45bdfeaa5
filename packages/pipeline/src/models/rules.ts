import { fitRules } from '@basketwise/core';
import { number, whole } from '../values/schemas.ts';
import { defineKind } from './kind.ts';

/** The best association rule. */
export interface RulesSpec {
  kind: 'rules';
  minSupport: number;
  longest?: number;
}

declare module './kind.ts' {
  interface SpecOfKind {
    rules: RulesSpec;
  }
}

export const rules = defineKind({
  kind: 'rules',
  about: 'the best association rule',
  parameters: { min_support: number.positive('expected more than 0').max(1, 'expected at most 1'), longest: whole(2, 64) },
  defaults: { min_support: 0.001, longest: 4 },
  part: 'base',
  blendScale: 'log',
  specOf: ({ min_support: minSupport, longest }): RulesSpec => ({ kind: 'rules', minSupport, longest }),
  fit: ({ holdings }, spec) => fitRules(holdings, spec),
});
