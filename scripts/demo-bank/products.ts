import type { Product } from '@basketwise/core';
import { bankOf, drawCatalog } from '@basketwise/sample';
import type { DemoProduct } from '../../packages/demo/src/engine/bank.ts';

/** Bank that the generator draws. */
type Drawn = Parameters<typeof bankOf>[0];

/** One entry per equivalence group, most held first. */
export function groupProducts(products: readonly Product[], holders: ReadonlyMap<string, number>, sample: Drawn): DemoProduct[] {
  const { lines } = drawCatalog(bankOf(sample));
  const english = new Map(lines.map(({ name }) => [name.korean, name.english]));
  const groups = byGroup(products);
  const list = [...groups].map(([key, members]) => {
    const first = members[0]!;
    const shown = first.representative === null ? first : products[first.representative]!;
    const otherCodes = members.filter((member) => member !== shown).map(({ code }) => code);
    const { code, name } = shown;
    return {
      key,
      code,
      otherCodes,
      name,
      english: english.get(name) ?? name,
      class: shown.class,
      onSale: first.representative !== null,
    };
  });
  return list.sort((a, b) => (holders.get(b.key) ?? 0) - (holders.get(a.key) ?? 0) || (a.key < b.key ? -1 : 1));
}

function byGroup(products: readonly Product[]): Map<string, Product[]> {
  const groups = new Map<string, Product[]>();
  for (const product of products) groups.set(product.groupKey, [...(groups.get(product.groupKey) ?? []), product]);
  return groups;
}
