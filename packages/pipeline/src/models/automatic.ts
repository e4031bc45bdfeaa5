import { automaticKind, usualSample } from '@basketwise/core/kinds';
import { seed, whole } from '../values/schemas.ts';

/** The choice among models: no kind of model itself, but named like one. */
export const automatic = {
  kind: automaticKind,
  about: 'chosen among these each night: [evaluation.md](evaluation.md#the-automatic-model)',
  parameters: {
    /** Customers that the choice looks at: all of a smaller bank. */
    sample: whole(100),
    seed,
  },
  defaults: usualSample,
} as const;
