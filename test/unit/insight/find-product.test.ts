import type { Product } from '@basketwise/core';
import { expect, test } from 'vitest';
import { findProduct } from '../../../packages/insight/src/products/similar-products.ts';

const names = ['Pocket money account for children', 'Fixed deposit', '정기예금 플러스 자유적립식'];
const products = names.map((name, product) => ({ product, code: `00${product + 1}`, name })) as unknown as Product[];

test('a product is found by code or name, in any case and form of Unicode', () => {
  for (const [wanted, code] of [
    ['002', '002'],
    ['fixed DEPOSIT', '002'],
    [names[2]!.normalize('NFD'), '003'],
  ] as const)
    expect(findProduct(products, wanted).code).toBe(code);
});

test('a part of a name, or a name with slips, names the products that are meant', () => {
  for (const [wanted, hint] of [
    ['pocket', 'Did you mean `001` (Pocket money account for children)?'],
    ['예금', 'Did you mean `003` (정기예금 플러스 자유적립식)?'],
    ['Fixd deposits', 'Did you mean `002` (Fixed deposit)?'],
    ['no such thing at all', 'Give a code or a name as the products table has it.'],
  ])
    expect(() => findProduct(products, wanted!)).toThrow(expect.objectContaining({ code: 'missing-input', hint }));
});
