import { defineMethod } from './method.ts';

export const kmeans = defineMethod({
  name: 'kmeans',
  about: 'means of numbers, and of categories as columns of 0 and 1',
  encoding: 'one-hot',
  fit: async (...given) => (await import('./lloyd.ts')).fitLloyd(...given),
});
