import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataSet } from './real-sets.ts';
import { undatedConfig } from './undated-config.ts';

const features = `features:
  age: { sql: "split_part(context, ' ', 1)", fixed: true }
  sex: { sql: "split_part(context, ' ', 2)", fixed: true }
  age_sex: { cross: [age, sex] }
`;

/** Config of a set as a bank, with its features. @param more lines of further keys, each ending its line */
export function setConfig({ contexts, classes }: DataSet, more: string): string {
  const all = [...new Set(classes)];
  const campaigns = all.flatMap((name) => [
    `  ${name}-upsell: { kind: upsell, class: ${name}, columns: [${all}] }\n`,
    `  ${name}-cross: { kind: cross, class: ${name}, columns: [${all}] }\n`,
  ]);
  return undatedConfig(`${contexts ? features : ''}${more}`, classes && campaigns.join(''));
}

const csv = (rows: readonly (readonly string[])[]) =>
  `${rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\n')}\n`;

/** Writes a set as a bank's files, with its config. */
export async function writeSet(folder: string, set: DataSet, config: string): Promise<void> {
  const width = String(set.sets.length).length;
  const id = (customer: number) => String(customer).padStart(width, '0');
  const known = (customer: number) => set.contexts?.[customer]?.[0] ?? '';
  const columns = Object.entries(set.columns ?? {});
  const valuesOf = (customer: number) => columns.map(([, values]) => values[customer]!);
  const customers = set.sets.map((_, customer) => [id(customer), known(customer), ...valuesOf(customer)]);
  const holdings = set.sets.flatMap((items, customer) => items.map((item) => [id(customer), set.items[item]!]));
  await writeFile(join(folder, 'customers.csv'), csv([['customer', 'context', ...columns.map(([name]) => name)], ...customers]));
  await writeFile(
    join(folder, 'products.csv'),
    csv([['code', 'class'], ...set.items.map((code, i) => [code, set.classes?.[i] ?? 'product'])]),
  );
  await writeFile(join(folder, 'holdings.csv'), csv([['customer', 'product'], ...holdings]));
  await writeFile(join(folder, 'basketwise.yaml'), config);
}
