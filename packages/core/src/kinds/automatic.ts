import { sample, seed } from './parameters.ts';

/** Automatic choice of a model. A config names it in place of a kind of model. */
export const automatic = {
  kind: 'automatic',
  about: 'Learned or chosen in each run from the data (docs/evaluation.md#the-automatic-model). The default.',
  parameters: { sample, seed },
} as const;
