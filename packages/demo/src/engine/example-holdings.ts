import { dateOfDay, noDate } from '@basketwise/core/parts';
import type { DemoBank } from './bank.ts';
import { generatedHoldings } from './generated-holdings.ts';
import { cellOf } from './results-csv.ts';

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
