import { bankOf, drawCatalog, drawHoldings } from '@basketwise/sample';
import type { Bank } from './bank.ts';
import type { HoldingColumns } from './score-holdings.ts';

/** Customers drawn at a time. */
const atOnce = 50_000;

/** Holdings of `customers` more customers of the sample bank: those after its own. Numbered from 0. */
export function* generatedHoldings(bank: Bank, customers: number): Generator<HoldingColumns> {
  const whole = bankOf({
    customers: bank.customers + customers,
    products: bank.generatedProducts,
    seed: bank.seed,
    referenceDate: bank.referenceDate,
  });
  const catalog = drawCatalog(whole);
  const position = new Map(bank.products.map(({ name }, i) => [name, i]));
  const productOf = Int32Array.from(catalog.lines, ({ name }) => position.get(name.korean) ?? -1);
  for (let from = bank.customers; from < whole.customers; from += atOnce) {
    const to = Math.min(from + atOnce, whole.customers);
    const { customer, product, opened } = drawHoldings(whole, catalog, from, to, false);
    yield {
      customer: customer.map((number) => number - bank.customers),
      product: product.map((line) => productOf[line]!),
      days: opened,
    };
  }
}
