import { type BlendMember, blendOf, createBlend } from '../models/blend.ts';
import { defineFit, type ModelSpec } from './kind-fit.ts';

/** A member of a blend. */
export interface BlendMemberSpec {
  model: ModelSpec;
  scale: BlendMember['scale'];
  weight: number;
}

/** A weighted sum of models. */
export interface BlendSpec {
  kind: 'blend';
  members: readonly BlendMemberSpec[];
}

declare module './kind-fit.ts' {
  interface SpecOfKind {
    blend: BlendSpec;
  }
}

/** How such a model is fitted. */
export const blendFit = defineFit({
  kind: 'blend',
  blendScale: 'raw',
  restore: blendOf,
  async fit(_, { members }, { fitInner }) {
    const fitted: BlendMember[] = [];
    for (const { model, scale, weight } of members) fitted.push({ model: await fitInner(model), scale, weight });
    return createBlend(fitted);
  },
  mapInner: (spec, change) => ({ ...spec, members: spec.members.map((one) => ({ ...one, model: change(one.model) })) }),
});
