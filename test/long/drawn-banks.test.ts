// Second tier, some 40 s of processor: twelve banks. All forty with `--mode every`, before a release.
import { afterAll, expect, test } from 'vitest';
import { every } from '../cases.ts';
import { drawnFiles } from '../unit/insight/strange-tables/drawn-files.ts';
import { judged } from '../unit/insight/strange-tables/judged-bank.ts';
import { drawnWarehouse, drawnWideBank } from '../unit/insight/strange-tables/warehouses.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const kinds = [numbers(20).map(drawnFiles), numbers(10).map(drawnWarehouse), numbers(10).map(drawnWideBank)] as const;
const [files, warehouses, wide] = kinds;
const banks = every(kinds.flat(), [...files.slice(0, 8), ...warehouses.slice(0, 2), ...wide.slice(0, 2)]);
let [right, refused] = [0, 0];

test.each(banks)('$name: from init to lists, none of them wrong, or refused with what to do', async (bank) => {
  const { init, doctor, run, said, config, rows, wrong } = await judged(bank);
  expect(wrong, `${said}\n${config}`).toEqual({ consent: 0, held: 0, person: 0 });
  const isRight = init === 0 && doctor === 0 && run === 0 && rows > 100;
  if (isRight) right++;
  else refused++;
  // What is refused says what to edit, or what to deliver.
  if (!isRight)
    expect([said, init || run], `${said}\n${config}`).toEqual([
      expect.stringMatching(/basketwise\.yaml:\d+|\n {2}\S/),
      init === 0 ? 78 : 66,
    ]);
});

afterAll(() => expect(right, `${refused} refused`).toBeGreaterThanOrEqual(0.75 * (right + refused)));
