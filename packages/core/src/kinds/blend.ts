import type { BlendMember } from '../models/blend.ts';
import { defineKind } from './kind.ts';

export const blend = defineKind({
  kind: 'blend',
  about: 'Weighted sum of the scores of other models.',
  parameters: {
    members: { is: 'members', needed: true, scaled: true, about: 'Components, required: models with `weight` and `scale`.' },
  },
  part: 'none',
  blendScale: 'raw',
  async fit(_, { members }, { fitInner }) {
    const fitted: BlendMember[] = [];
    for (const { model, scale, weight } of members) fitted.push({ model: await fitInner(model), scale, weight });
    const { createBlend } = await import('../models/blend.ts');
    return createBlend(fitted);
  },
  restore: async (state, inner) => (await import('../models/blend.ts')).blendOf(state, inner),
});
