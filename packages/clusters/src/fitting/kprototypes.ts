import { defineMethod } from './method.ts';

export const kprototypes = defineMethod({
  name: 'kprototypes',
  about: 'means of numbers, modes of categories',
  encoding: 'native',
  fit: async (...given) => (await import('./lloyd.ts')).fitLloyd(...given),
});
