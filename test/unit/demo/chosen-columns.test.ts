import { stillOpen } from '@basketwise/core';
import { DateDay, Table, TimestampMicrosecond, tableToIPC, vectorFromArray } from 'apache-arrow';
import { expect, test } from 'vitest';
import { columnDoubts, isComplete } from '../../../packages/demo/src/engine/column-doubts.ts';
import { holdingRoles } from '../../../packages/demo/src/engine/column-roles.ts';
import { readOwn } from '../../../packages/demo/src/engine/own-bank.ts';
import { type ChosenFile, type SeenFile, seeHoldings } from '../../../packages/demo/src/engine/seen-file.ts';
import { isReady, type OwnChoice, seenBeside, withHoldings } from '../../../packages/demo/src/view/own-choice.ts';

/** Holdings as an Arrow file: days, moments and amounts beside customers and products. */
function arrowHoldings(): File {
  const rows = Array.from({ length: 60 }, (_, i) => i);
  const day = (i: number) => new Date(Date.UTC(2022, i % 12, 1));
  const table = new Table({
    kunde: vectorFromArray(rows.map((i) => `K${i % 20}`)),
    artikel: vectorFromArray(rows.map((i) => `P${i % 7}`)),
    anfang: vectorFromArray(rows.map(day), new DateDay()),
    schluss: vectorFromArray(
      rows.map((i) => (i % 2 ? null : day(i))),
      new TimestampMicrosecond(),
    ),
    betrag: vectorFromArray(rows.map((i) => 1000.5 + i)),
  });
  return new File([new Uint8Array(tableToIPC(table))], 'holdings.arrow');
}

test('days and moments of an Arrow file are dates; amounts are none', async () => {
  const file = arrowHoldings();
  const seen = await seeHoldings(file, null);
  expect(seen.columns.flatMap(({ name, isDate }) => (isDate ? [name] : []))).toEqual(['anfang', 'schluss']);
  expect(seen.roles).toEqual({ customer: 'kunde', product: 'artikel', opened: 'anfang' });
  expect(seen.rows[4]!.slice(2)).toEqual(['2022-05-01', '2022-05-01', '1004.5']);
  const doubts = columnDoubts(seen, { ...seen.roles, opened: 'betrag', closed: 'schluss' }, holdingRoles);
  expect(doubts).toContainEqual({ key: 'notDates', role: 'opened', column: 'betrag', count: 60 });
  const files = { holdings: { file, roles: { ...seen.roles, closed: 'schluss' } }, products: null, customers: null };
  const bank = await readOwn(files, () => undefined);
  expect([bank.lastDate, bank.days[0], bank.closed[0]]).toEqual(['2022-12-01', 18_993, 18_993]);
  expect(bank.counts).toMatchObject({ rows: 60, holdings: 60 });
  const withoutEnds = await readOwn({ ...files, holdings: { file, roles: seen.roles } }, () => undefined);
  expect([withoutEnds.counts.holdings, withoutEnds.closed[0]]).toEqual([60, stillOpen]);
  const amounts = { ...files, holdings: { file, roles: { ...seen.roles, opened: 'betrag' } } };
  await expect(readOwn(amounts, () => undefined)).rejects.toMatchObject({ key: 'noRows' });
});

test('a day of birth or a balance is no customer and no product, and the first rows show no numbers of persons', async () => {
  const fileOf = (columns: Record<string, (i: number) => string | number>) => {
    const vectors = Object.entries(columns).map(([name, value]) => [
      name,
      vectorFromArray(Array.from({ length: 60 }, (_, i) => value(i))),
    ]);
    return new File([new Uint8Array(tableToIPC(new Table(Object.fromEntries(vectors))))], 'people.arrow');
  };
  const people = { geburtstag: (i: number) => `${1 + (i % 28)}.0${1 + (i % 9)}.1980`, total: (i: number) => i * 17 + 0.5 };
  const personal = { ssn: (i: number) => `${100 + i}-45-${6000 + i}`, mail: (i: number) => `a${i}@bank.example` };
  const { roles, rows } = await seeHoldings(
    fileOf({ ...personal, ...people, kunde: (i) => `K${i % 20}`, shelf: (i) => `s${i % 7}` }),
    null,
  );
  expect(roles).toEqual({ customer: 'kunde', product: 'shelf' });
  expect(rows[1]).toEqual(['•••-••-••••', '••@••••.•••••••', '2.02.1980', '17.5', 'K1', 's1']);
  const none = await seeHoldings(fileOf(people), null);
  expect([none.roles, isComplete(none.roles, holdingRoles)]).toEqual([{}, false]);
});

const seen: SeenFile = { columns: [], rows: [], inspected: 0, isGarbled: false, roles: {}, guessed: [] };
const chosen = (name: string, roles: ChosenFile['roles']): ChosenFile => ({ file: new File([], name), seen, roles });
const choice: OwnChoice = {
  holdings: chosen('holdings', { customer: 'id', product: 'item', opened: 'from' }),
  ...{ products: chosen('products', { code: 'a', name: 'c', class: 'd' }), customers: chosen('customers', { id: 'b' }) },
  ...{ date: '2022-12-01', campaign: null },
};

const changed = (roles: ChosenFile['roles']) =>
  withHoldings(choice, { ...choice.holdings, roles: { ...choice.holdings.roles, ...roles } });

test('files beside the holdings are inspected again for their key, and an entered day is that of its column', async () => {
  const dated = changed({ opened: 'until' });
  expect(dated).toMatchObject({ choice: { date: null, products: choice.products, customers: choice.customers }, toInspect: [] });
  const { choice: next, toInspect } = changed({ product: 'name' });
  expect(next).toMatchObject({ date: choice.date, customers: choice.customers });
  expect(toInspect).toEqual([['products', choice.products!.file]]);
  expect(changed({ customer: 'card' }).toInspect.map(([which]) => which)).toEqual(['customers']);
  const see = (request: Parameters<Parameters<typeof seenBeside>[0]>[0]) =>
    Promise.resolve({ ...seen, roles: { code: `key of ${request.holdings.roles.product}` } });
  expect((await seenBeside(see, next.holdings, ...toInspect[0]!)).roles).toEqual({ code: 'key of name' });
});

test('training waits for a file whose second inspection fails or is stopped', async () => {
  expect(isReady(choice)).toBe(true);
  const { choice: next, toInspect } = changed({ product: 'name' });
  const failed = seenBeside(() => Promise.reject(new Error('unreadable')), next.holdings, ...toInspect[0]!);
  await expect(failed).rejects.toThrow('unreadable');
  expect([next.products!.file.name, isReady(next)]).toEqual(['products', false]);
  expect(isReady({ ...next, products: choice.products })).toBe(true);
});

test('work waits exactly for the doubts that stop it', () => {
  const cases = [{}, { customer: 'a', product: 'a' }, { customer: 'a', product: 'b' }, { customer: 'a', opened: 'a' }];
  const keys = cases.map((roles) => columnDoubts(seen, roles, holdingRoles).map(({ key }) => key));
  expect(keys).toEqual([['missing', 'missing', 'noDates'], ['twice', 'noDates'], ['noDates'], ['missing', 'twice']]);
  expect(cases.map((roles) => isComplete(roles, holdingRoles))).toEqual([false, false, true, false]);
});
