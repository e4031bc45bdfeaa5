import { defineKind } from './kind.ts';
import { acquisitionsWithin, bandValues } from './learning-data.ts';
import { prior, within } from './parameters.ts';

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
