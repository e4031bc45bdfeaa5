import { dateOfDay, noDate } from '@basketwise/core';
import { columnCode, isColumn } from '@basketwise/recommend';
import { bankOf, drawCatalog, drawHoldings, drawPersons } from '@basketwise/sample';
import type { DemoBank } from './bank.ts';
import { cellOf } from './results-csv.ts';
import type { HoldingColumns } from './score-holdings.ts';

/** Number of customers that are drawn at a time. */
const atOnce = 50_000;

/** Options of the sample bank, enlarged by `more` customers. */
function wholeBank({ customers, generatedProducts: products, seed, referenceDate }: DemoBank, more: number) {
  return bankOf({ customers: customers + more, products, seed, referenceDate });
}

/**
 * Feature levels of the customers of `generatedHoldings`, i16[customers] by feature name. Crossings are left out. Features other than age and sex are
 * unknown.
 */
export function generatedCodes(bank: DemoBank, customers: number): Map<string, Int16Array> {
  const whole = wholeBank(bank, customers);
  const catalog = drawCatalog(whole);
  const columns = bank.features.filter(isColumn).map((feature) => {
    const codeOf = new Map<number, number>();
    return { feature, codeOf, codes: new Int16Array(customers).fill(feature.levels.length - 1) };
  });
  for (let from = bank.customers; from < whole.customers; from += atOnce) {
    const persons = drawPersons(whole, catalog, from, Math.min(from + atOnce, whole.customers));
    for (const { feature, codeOf, codes } of columns) {
      if (feature.name !== 'age' && feature.name !== 'sex') continue;
      for (const [i, person] of persons.entries()) {
        const value = person[feature.name];
        let code = codeOf.get(value);
        if (code === undefined) {
          code = columnCode(feature, value);
          codeOf.set(value, code);
        }
        codes[from - bank.customers + i] = code;
      }
    }
  }
  return new Map(columns.map(({ feature, codes }) => [feature.name, codes]));
}

/** Feature levels of customers whose features are unknown: the level `(unknown)` of each feature, i16[customers] by feature name. */
export function unknownCodes({ features }: DemoBank, customers: number): Map<string, Int16Array> {
  return new Map(features.filter(isColumn).map(({ name, levels }) => [name, new Int16Array(customers).fill(levels.length - 1)]));
}

/** Yields the holdings of `customers` generated customers, numbered from 0. They follow the sample bank's own customers in the generator's order. */
export function* generatedHoldings(bank: DemoBank, customers: number): Generator<HoldingColumns> {
  const whole = wholeBank(bank, customers);
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

/** Number of customers in an example file. */
const exampleCustomers = 5000;

/**
 * Creates an example file of holdings as CSV, of generated customers who are not in the sample bank.
 * @param dated whether the file has the dates of opening
 * @param names field with the products' names in the wanted language
 */
export function exampleHoldings(bank: DemoBank, dated: boolean, names: 'name' | 'english'): File {
  const lines = [dated ? 'customer,product,opened' : 'customer,product'];
  for (const { customer, product, days } of generatedHoldings(bank, exampleCustomers)) {
    for (let i = 0; i < customer.length; i++) {
      const opened = days[i] === noDate ? '' : dateOfDay(days[i]!);
      const cells = [String(100_000 + customer[i]!), cellOf(bank.products[product[i]!]![names])];
      lines.push([...cells, ...(dated ? [opened] : [])].join(','));
    }
  }
  const name = dated ? 'example-with-dates.csv' : 'example-without-dates.csv';
  return new File([`\uFEFF${lines.join('\n')}\n`], name, { type: 'text/csv' });
}
