import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDuckdb } from '@basketwise/data';
import { keepTalkOf } from '../../privacy/talk.ts';

/** A table as rows of texts, by its file's name; null is an empty cell. */
type Table = readonly (readonly [string, ...(string | number | null)[]])[] | readonly (readonly (string | number | null)[])[];

/** The tables of a bank by the names of their files, the first row of each its columns. */
export type Tables = Readonly<Record<string, Table>>;

/** A generator of numbers 0 .. n - 1, the same each time. */
export function draws(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

const dayMilliseconds = 86_400_000;
/** Days since 2019-01-01 as an ISO date. */
export const day = (days: number) => new Date(Date.UTC(2019, 0, 1) + days * dayMilliseconds).toISOString().slice(0, 10);
const compact = (days: number) => Number(day(days).replaceAll('-', ''));
/** The last day of the banks: 2023-12-31. */
export const lastDay = 1825;

/** A holding: who, what (a position among the products), when opened and closed (days; null: open). */
export interface Holding {
  customer: number;
  product: number;
  opened: number;
  closed: number | null;
}

/** Holdings of customers who like products near a favourite of theirs. */
export function holdingsOf(seed: number, customers: number, products: number): Holding[] {
  const draw = draws(seed);
  const holdings: Holding[] = [];
  for (let customer = 0; customer < customers; customer++) {
    const favourite = draw(products);
    for (let i = draw(5); i >= 0; i--) {
      const opened = draw(lastDay - 30);
      const isClosed = draw(6) === 0;
      holdings.push({
        customer,
        product: (favourite + draw(4)) % products,
        opened,
        closed: isClosed ? opened + 20 + draw(200) : null,
      });
    }
    // each bank's last day has holdings
    if (customer % 50 === 0) holdings.push({ customer, product: draw(products), opened: lastDay, closed: null });
  }
  return holdings;
}

/** The day of closing, if it is not in the future. */
export const sold = (closed: number | null) => (closed === null || closed > lastDay ? null : closed);

/** CSV: integer ids, codes, moments in UTC, consents by purpose and time in a table of their own; two tables that are none of a bank's. */
export function clientBank(customers = 600): Tables {
  const draw = draws(1);
  const families = ['Savings', 'Cards', 'Loans'];
  const products = Array.from({ length: 24 }, (_, i) => [
    `${families[i % 3]![0]}-${100 + i}`,
    `${families[i % 3]} plan ${i}`,
    families[i % 3]!,
    i % 12 === 11 ? '2021-06-30' : '9999-12-31',
    'EUR',
  ]);
  const clients = Array.from({ length: customers }, (_, i) => [
    100_001 + i,
    day(-9000 + draw(8000)),
    draw(2) ? 'F' : 'M',
    1 + draw(12),
    ['retail', 'affluent', 'private'][draw(3)]!,
    day(0),
  ]);
  const moment = (days: number | null, row: number) => (days === null ? null : `${day(days)}T0${row % 8}:30:00Z`);
  const accounts = holdingsOf(2, customers, 24).map(({ customer, product, opened, closed }, i) => [
    ...[7_000_000 + i, 100_001 + customer, products[product]![0]!, moment(opened, i), moment(sold(closed), i), 1 + draw(12)],
  ]);
  const consents = clients.flatMap(([client], i) => [
    [client!, 'MARKETING', i % 3 ? 'Y' : 'N', '2020-02-01T10:00:00Z'],
    ...(i % 7 === 0 ? [[client!, 'MARKETING', 'N', '2022-02-01T10:00:00Z']] : []),
    [client!, 'STATISTICS', 'Y', '2020-02-01T10:00:00Z'],
  ]);
  return {
    'clients.csv': [['client_id', 'birth_date', 'gender', 'branch', 'tier', 'since'], ...clients],
    'catalogue.csv': [['code', 'title', 'family', 'valid_to', 'currency'], ...products],
    'accounts.csv': [['account_no', 'client_id', 'product_code', 'opened_at', 'closed_at', 'branch'], ...accounts],
    'consents.csv': [['client', 'purpose', 'granted', 'given_at'], ...consents],
    'fx_rates.csv': [
      ['pair', 'quoted_on', 'rate'],
      ...Array.from({ length: 40 }, (_, i) => [`EUR${i}`, day(lastDay - i), `1.${i}5`]),
    ],
  };
}

/** Parquet: German names, ids with leading zeros, holdings by name, days as integers, a status in place of a day of closing, an opt-out. */
export function kundenBank(customers = 600): Tables {
  const draw = draws(3);
  const sorts = ['Einlagen', 'Kredite', 'Vorsorge', 'Depot'];
  const products = Array.from({ length: 20 }, (_, i) => [
    900 + i,
    `${sorts[i % 4]} Modell ${i}`,
    sorts[i % 4]!,
    i % 10 === 9 ? 'N' : 'Y',
  ]);
  const people = Array.from({ length: customers }, (_, i) => [
    String(4711 + i).padStart(9, '0'),
    draw(2) ? 'm' : 'w',
    compact(-9000 + draw(8000)),
    i % 4 ? 0 : 1,
  ]);
  const contracts = holdingsOf(4, customers, 20).map(({ customer, product, opened, closed }, i) => [
    ...[
      `V${i}`,
      people[customer]![0]!,
      products[product]![1]!,
      compact(opened),
      sold(closed) === null ? 'ACTIVE' : 'CLOSED',
      compact(lastDay),
    ],
  ]);
  return {
    'kunden.parquet': [['kundennr', 'geschlecht', 'geburtsdatum', 'werbung_opt_out'], ...people],
    'produkte.parquet': [['produkt_id', 'bezeichnung', 'art', 'active'], ...products],
    'vertraege.parquet': [['vertrag', 'kunde', 'produkt', 'eroeffnet', 'status', 'update_tag'], ...contracts],
  };
}

/** CSV: months of parties and of positions, everything numbered from 1, so that any number is among any ids. */
export function partyBank(customers = 400): Tables {
  const draw = draws(5);
  const months = Array.from({ length: 14 }, (_, i) => lastDay - 30 * (13 - i));
  const items = Array.from({ length: 18 }, (_, i) => [i + 1, `Item no. ${i + 1}`, ['deposit', 'fund'][i % 2]!]);
  const regions = Array.from({ length: customers }, () => 1 + draw(9));
  const tiers = ['basic', 'plus', 'gold'];
  const party = months.flatMap((month, m) =>
    regions.map((region, i) => [
      i + 1,
      day(month),
      region,
      tiers[(i + (m > 7 && i % 5 === 0 ? 1 : 0)) % 3]!,
      i % 9 ? 'true' : 'false',
    ]),
  );
  const held = holdingsOf(6, customers, 18).map((one) => ({
    ...one,
    opened: one.opened < lastDay - 400 ? months[0]! : one.opened,
  }));
  const seen = new Set<string>();
  const positions = months.flatMap((month) =>
    held.flatMap(({ customer, product, opened, closed }) => {
      const key = `${month} ${customer} ${product}`;
      if (opened > month || (closed !== null && closed <= month) || seen.has(key)) return [];
      seen.add(key);
      return [[customer + 1, product + 1, 1 + draw(9), day(month), 100 + draw(10_000)]];
    }),
  );
  return {
    'party_monthly.csv': [['party_no', 'month_end', 'region_no', 'tier', 'may_contact_optin'], ...party],
    'items.csv': [['item_no', 'label', 'kind'], ...items],
    'positions.csv': [['party_no', 'item_no', 'region_no', 'month_end', 'balance'], ...positions],
  };
}

/** The client bank whose accounts have no days: nothing says as of when the tables are. */
export function undatedBank(): Tables {
  const {
    'accounts.csv': accounts,
    'clients.csv': clients,
    'catalogue.csv': catalogue,
  } = clientBank() as Record<string, (string | number | null)[][]>;
  return {
    'clients.csv': clients!.map(([id, , gender, branch]) => [id!, gender!, branch!]),
    'catalogue.csv': catalogue!.map(([code, title, family]) => [code!, title!, family!]),
    'accounts.csv': accounts!.map(([account, client, code]) => [account!, client!, code!]),
  };
}

/** The client bank whose accounts name products by codes of another system, which no table translates. */
export function untranslatedBank(): Tables {
  const { 'accounts.csv': accounts, ...others } = clientBank() as Record<string, (string | number | null)[][]>;
  const translated = accounts!.map(([account, client, code, ...rest], i) => [
    account!,
    client!,
    i === 0 ? code! : `X${String(code).length}${String(code).slice(3)}`,
    ...rest,
  ]);
  return { 'clients.csv': others['clients.csv']!, 'products.csv': others['catalogue.csv']!, 'accounts.csv': translated };
}

const csv = (table: Table) =>
  `${table.map((row) => row.map((cell) => (cell === null ? '' : /[",\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : String(cell))).join(',')).join('\n')}\n`;

/** Writes tables into `data` of a new folder; `remove` removes it. */
export async function writeTables(tables: Tables): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'basketwise-strange-'));
  const data = join(folder, 'data');
  await mkdir(data);
  for (const [name, table] of Object.entries(tables)) {
    if (name.endsWith('.csv')) await writeFile(join(data, name), csv(table));
    else {
      const engine = await openDuckdb({ memory: '200MB', threads: 2, tempDirectory: join(folder, 'spill') });
      await writeFile(join(folder, 'table.csv'), csv(table));
      const columns = (table[0] as readonly string[]).map((column, i) => {
        const isText = table.slice(1).some((row) => typeof row[i] === 'string');
        return `'${column}': '${isText ? 'VARCHAR' : 'BIGINT'}'`;
      });
      await engine.run(
        `COPY (SELECT * FROM read_csv('${folder}/table.csv', header = true, columns = {${columns.join(', ')}})) TO '${join(data, name)}' (FORMAT parquet)`,
      );
      await engine.close();
      await rm(join(folder, 'table.csv'));
      await rm(join(folder, 'spill'), { recursive: true, force: true });
    }
  }
  const remove = async () => {
    keepTalkOf(folder);
    await rm(folder, { recursive: true, force: true });
  };
  return { folder, remove };
}
