import {
  type ChoiceCell,
  ChoiceStore,
  type ChoiceWindow,
  choiceCounts,
  createInlinePool,
  createRandom,
  expectedCounts,
} from '@basketwise/core';
import * as reference from '../../test/reference/choice-counts.ts';
import { measure, reportRatios } from './measure.ts';

/** As many candidates, members and levels as the largest campaign of the sample bank has. */
const [sets, products, members, levels] = [500, 145, 13, 28];
const { next } = createRandom(1);

const window: ChoiceWindow = {
  sets: Array.from({ length: sets }, () => {
    const candidates = Uint32Array.from(Array.from({ length: products }, (_, i) => i).filter(() => next() < 0.9));
    return { products: candidates, scores: Float64Array.from({ length: candidates.length * members }, () => 6 * next() - 3) };
  }),
  cells: [],
};
const cells = window.sets.map(({ products: candidates }, set): ChoiceCell => {
  const taken = new Float64Array(candidates.length);
  taken[Math.floor(candidates.length * next())] = 1;
  return { set, levels: [Math.floor(levels * next())], taken };
});
const shares = Array.from({ length: levels }, () => 1 / levels);
const problem = { windows: [{ ...window, cells }], members, products, features: [{ first: 0, shares }] };
const weights = Float64Array.from({ length: members }, () => next());
const effects = Float64Array.from({ length: levels * products }, () => next() - 0.5);
const own = choiceCounts(new ChoiceStore(createInlinePool()), problem, () => true);
const others = reference.choiceCounts(problem, () => true);
const [kernels, typescript] = await measure(`Choices, ${sets} sets of ${products}`, 'set', [
  { name: 'likelihood and gradient', units: sets, run: async () => void expectedCounts(own, weights, effects) },
  {
    name: 'likelihood and gradient, TypeScript reference',
    units: sets,
    run: async () => void reference.countsOf(others, weights, effects),
  },
]);
reportRatios({ 'choices, kernels against TypeScript': [kernels!, typescript!] });
