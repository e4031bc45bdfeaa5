/** Changes, one at a time: wrong inputs of all test customers, or weights that were learned without the purchases of the newest learning window. */
export const perturbations = [
  'a lost product',
  'no features',
  'features of another customer',
  'one learning window less',
] as const;
export type Perturbation = (typeof perturbations)[number];
