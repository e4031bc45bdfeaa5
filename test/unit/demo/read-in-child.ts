// `node read-in-child.mjs FILE`, bundled: reads a file as the demo's page does, and says what came of it.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { DemoBank } from '../../../packages/demo/src/engine/bank.ts';
import { PageError } from '../../../packages/demo/src/engine/page-error.ts';
import { readHoldings } from '../../../packages/demo/src/engine/read-holdings.ts';

const path = process.argv[2]!;
const product = { code: 'D1', otherCodes: [], name: '적금', english: 'Savings' };
const bank = { products: [product], referenceDay: 19_000 } as unknown as DemoBank;
const file = new File([readFileSync(path)], basename(path));
const outcome = await readHoldings({ file, roles: { customer: 'customer', product: 'product' } }, bank, () => {}).then(
  ({ rows, ids }) => `${rows} rows of ${ids.length} customers`,
  (error: unknown) => (error instanceof PageError ? error.key : String(error)),
);
process.stdout.write(outcome);
