import { type BlendMemberSpec, type BlendSpec, blendFit } from '@basketwise/core/kinds';
import { defineKind } from './kind.ts';

export const blend = defineKind({
  ...blendFit,
  about: 'a weighted sum',
  parameters: {},
  defaults: {},
  members: 'needed',
  part: 'none',
  specOf({ members = [] }, { specOf, scaleOf }): BlendSpec {
    const specs = members.map(({ weight, scale, ...member }): BlendMemberSpec => {
      const model = specOf(member);
      return { model, scale: scale ?? scaleOf(model), weight };
    });
    return { kind: 'blend', members: specs };
  },
});
