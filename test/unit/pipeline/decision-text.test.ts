import { expect, test } from 'vitest';
import { decisionText } from '../../../packages/pipeline/src/report/sections-campaign.ts';

const decision = { rival: 'blend', replaces: true, folds: 3, tested: 120, difference: 0.0123, standardError: 0.004 };

test.each([
  [
    'a model that is ahead',
    decision,
    'Decided by 3 folds (120 customers): blend has NDCG@5 0.0123 higher than next-purchase (standard error 0.0040). Chosen: blend.',
  ],
  [
    'a model that is behind',
    { ...decision, difference: -0.01, replaces: false, folds: 1, tested: null },
    'Decided by 1 fold (fewer than 10 customers): blend has NDCG@5 0.0100 lower than next-purchase (standard error 0.0040). Chosen: next-purchase.',
  ],
  [
    'models with the same lists',
    { ...decision, difference: 0, standardError: 0, replaces: false },
    'Decided by 3 folds (120 customers): blend has the same NDCG@5 as next-purchase (standard error 0.0000). Chosen: next-purchase.',
  ],
])('the report compares the two models, and names the chosen one: %s', (_, one, text) => {
  expect(decisionText(one, 'fold')).toBe(text);
});
