import { type NextPurchaseMemberSpec, type NextPurchaseSpec, nextPurchaseFit, usualSample } from '@basketwise/core/kinds';
import { seed, whole } from '../values/schemas.ts';
import { defineKind } from './kind.ts';

export const nextPurchase = defineKind({
  ...nextPurchaseFit,
  about: 'what is bought next, by several models and the features of the customer: [method.md](method.md#what-is-bought-next)',
  parameters: {
    /** Customers whose purchases are learned from: all of a smaller bank. */
    sample: whole(100),
    seed,
  },
  defaults: usualSample,
  members: 'optional',
  part: 'none',
  specOf({ members = [] }, { specOf }): NextPurchaseSpec {
    const specs = members.map(({ weight, scale: _, ...member }): NextPurchaseMemberSpec => ({ model: specOf(member), weight }));
    return { kind: 'next-purchase', members: specs, features: [], effects: [] };
  },
});
