import { sample, seed } from './parameters.ts';

/** The choice among models: no kind of model itself, but named like one. */
export const automatic = {
  kind: 'automatic',
  about: 'Learned or chosen in each run from the data (docs/evaluation.md#the-automatic-model). The default.',
  parameters: { sample, seed },
} as const;
