import { sample, seed } from './parameters.ts';

/** The choice among models: no kind of model itself, but named like one. */
export const automatic = {
  kind: 'automatic',
  about: 'chosen among these each night: [evaluation.md](evaluation.md#the-automatic-model)',
  parameters: { sample, seed },
} as const;
