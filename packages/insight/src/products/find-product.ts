import { AppError } from '@basketwise/core';
import type { Product } from '@basketwise/core/parts';
import { comparable } from '@basketwise/data';
import { distance } from 'fastest-levenshtein';

/** Largest number of products that the error for an unknown product suggests. */
const suggestions = 3;

const searchText = (text: string) => comparable(text).toLowerCase();

/** Distance of a text from a name: 0 if it is part of the name, otherwise the edit distance divided by the length. */
function farness(wanted: string, text: string): number {
  return text.includes(wanted) ? 0 : distance(wanted, text) / Math.max(wanted.length, text.length);
}

/**
 * Finds the product with the code `wanted`. If there is none, finds the first product with this name. If nothing matches exactly,
 * case is ignored.
 * @throws AppError missing-input naming similar products
 */
export function findProduct(products: readonly Product[], wanted: string): Product {
  const [exact, loose] = [comparable(wanted), searchText(wanted)];
  const found =
    products.find(({ code }) => comparable(code) === exact) ??
    products.find(({ name }) => comparable(name) === exact) ??
    products.find(({ code, name }) => searchText(code) === loose || searchText(name) === loose);
  if (found) return found;
  const near = products
    .map((product) => ({
      product,
      far: Math.min(farness(loose, searchText(product.code)), farness(loose, searchText(product.name))),
    }))
    .filter(({ far }) => loose !== '' && far <= 0.5)
    .sort((a, b) => a.far - b.far || a.product.product - b.product.product)
    .slice(0, suggestions)
    .map(({ product: { code, name } }) => `\`${code}\` (${name})`);
  throw new AppError(
    'missing-input',
    `no product has the code or name \`${wanted}\``,
    near.length > 0 ? `Did you mean ${near.join(', ')}?` : 'Give a code or a name as the products table has it.',
  );
}
