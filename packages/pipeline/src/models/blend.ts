import { type BlendMember, createBlend } from '@basketwise/core';
import { defineKind, type ModelSpec } from './kind.ts';

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

declare module './kind.ts' {
  interface SpecOfKind {
    blend: BlendSpec;
  }
}

export const blend = defineKind({
  kind: 'blend',
  about: 'a weighted sum',
  parameters: {},
  defaults: {},
  members: 'needed',
  part: 'none',
  blendScale: 'raw',
  specOf({ members = [] }, { specOf, scaleOf }): BlendSpec {
    const specs = members.map(({ weight, scale, ...member }): BlendMemberSpec => {
      const model = specOf(member);
      return { model, scale: scale ?? scaleOf(model), weight };
    });
    return { kind: 'blend', members: specs };
  },
  async fit(_, { members }, { fitInner }) {
    const fitted: BlendMember[] = [];
    for (const { model, scale, weight } of members) fitted.push({ model: await fitInner(model), scale, weight });
    return createBlend(fitted);
  },
  mapInner: (spec, change) => ({ ...spec, members: spec.members.map((one) => ({ ...one, model: change(one.model) })) }),
});
