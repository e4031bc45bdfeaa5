import type { DemoBank } from './bank.ts';
import { HoldingCollector, type ReadHoldings } from './holding-collector.ts';
import type { ChosenColumns } from './seen-file.ts';
import { openTableFile } from './table-file.ts';

/**
 * Reads holdings from a CSV, Parquet or Arrow file, regardless of the file's name. Memory grows with the holdings, not with the size of the file.
 * @throws PageError if the file is of another type, too large, or names no product of the bank
 */
export async function readHoldings(
  { file, roles: { customer, product, opened, closed } }: ChosenColumns,
  bank: DemoBank,
  onProgress: (share: number) => void,
): Promise<ReadHoldings> {
  const table = await openTableFile(file);
  const collector = new HoldingCollector(bank);
  const wanted = [customer!, product!, opened ?? customer!, closed ?? customer!];
  await table.read(wanted, ([id, name, from, to]) => void collector.add(id, name, opened && from, closed && to), onProgress);
  return collector.finish();
}
