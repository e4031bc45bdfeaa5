import { fitRules, rulesOf } from '../models/rule-model.ts';
import { defineFit } from './kind-fit.ts';

/** The best association rule. */
export interface RulesSpec {
  kind: 'rules';
  minSupport: number;
  longest?: number;
}

declare module './kind-fit.ts' {
  interface SpecOfKind {
    rules: RulesSpec;
  }
}

/** How such a model is fitted. */
export const rulesFit = defineFit({
  kind: 'rules',
  blendScale: 'log',
  restore: rulesOf,
  fit: ({ holdings }, spec) => fitRules(holdings, spec),
});
