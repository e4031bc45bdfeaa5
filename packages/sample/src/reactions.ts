import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import { type DuckdbEngine, openDuckdb } from '@basketwise/data';
import { dayOf } from './calendar.ts';

/** Reactions of a generated bank's customers to contacts: the true effect, for comparison with an effect report. */
export interface Reaction {
  /**
   * Share of contacted customers who purchase the offered product because of the contact, in addition to other purchases. 0 to 1.
   */
  effect: number;
  seed: number;
}

/** Days within which such a purchase follows a contact. */
export const reactionDays = 10;
/** Share of contacted customers without a purchase who refuse. */
const refusalShare = 0.1;

/** SQL of a number in [0, 1) that depends only on a seed and some texts. */
function drawn({ dialect }: DuckdbEngine, seed: number, what: string, texts: readonly string[]): string {
  const hash = `md5(concat_ws(':', ${[dialect.text(`${seed} ${what}`), ...texts].join(', ')}))`;
  return `CAST(concat('0x', substr(${hash}, 1, 8)) AS UINTEGER) / 4294967296.0`;
}

/**
 * Query of the results of contacts: the day of the purchase because of the contact (null without one), and the answer.
 * @param contacts relation with `customer` and `product_code`
 * @param date day of the contacts, YYYY-MM-DD
 * @returns a query (customer, product_code, bought, answer)
 */
export function reactionSql(engine: DuckdbEngine, contacts: string, date: string, { effect, seed }: Reaction): string {
  if (!(effect >= 0 && effect <= 1))
    throw new AppError('usage', `reaction: effect ${effect} is not a share of 0 .. 1`, 'Choose it in this range.');
  if (dayOf(date) === undefined) throw new AppError('usage', `reaction: ${date} is not a day as YYYY-MM-DD`, 'Name the day.');
  const draw = (what: string) => drawn(engine, seed, what, [`'${date}'`, 'customer', 'product_code']);
  const day = `DATE '${date}' + 1 + CAST(floor(${draw('day')} * ${reactionDays}) AS INTEGER)`;
  return (
    `SELECT customer, product_code, CASE WHEN buys THEN ${day} END AS bought, CASE WHEN buys THEN 'YES' WHEN ${draw('refusal')} < ${refusalShare} THEN 'NO' ELSE '' END AS answer` +
    ` FROM (SELECT customer, product_code, ${draw('buys')} < ${effect} AS buys FROM ${contacts})`
  );
}

/** Names of the files of a day of contacts, beside the bank's. */
function tablesOfDay(date: string): { contacts: string; holdings: string } {
  return { contacts: `contacts-${date}.parquet`, holdings: `holdings-${date}.parquet` };
}

/** File that marks the contacts of a day as complete. */
export function contactsFile(date: string): string {
  return tablesOfDay(date).contacts;
}

async function inFolder<T>(folder: string, work: (engine: DuckdbEngine) => Promise<T>): Promise<T> {
  const spill = join(folder, '.reacting');
  const engine = await openDuckdb({ memory: '1GB', threads: 1, tempDirectory: spill });
  try {
    return await work(engine);
  } finally {
    await engine.close();
    await rm(spill, { recursive: true, force: true });
  }
}

async function copyWhenWhole(engine: DuckdbEngine, query: string, folder: string, name: string): Promise<void> {
  const unfinished = join(folder, `.${name}.unfinished`);
  await engine.run(`COPY (${query}) TO ${engine.dialect.text(unfinished)} (FORMAT parquet)`, { writing: name });
  await rename(unfinished, join(folder, name));
}

/** Writes the empty contacts table of a bank: contacts.parquet. */
export async function startContacts(folder: string): Promise<void> {
  const none = `SELECT '' AS csno, '' AS gds_cd, DATE '2000-01-01' AS contact_dt, '' AS result WHERE false`;
  await inFolder(folder, (engine) => copyWhenWhole(engine, none, folder, 'contacts.parquet'));
}

/**
 * Simulates a day on which all customers on a contact list are contacted. Purchases are written to holdings-DATE.parquet.
 * All answers are written to contacts-DATE.parquet, which is written last. Repeating a day gives the same files.
 * @param folder of the bank, with products.parquet
 * @param list a contact-list.parquet of offers
 */
export async function reactTo(folder: string, list: string, date: string, reaction: Reaction): Promise<void> {
  const names = tablesOfDay(date);
  await inFolder(folder, async (engine) => {
    const { text } = engine.dialect;
    const reacted = reactionSql(engine, `read_parquet(${text(list)})`, date, reaction);
    const products = `(SELECT gds_cd, any_value(gds_korn_nm) AS gds_korn_nm FROM read_parquet(${text(join(folder, 'products.parquet'))}) GROUP BY gds_cd)`;
    const bought =
      `SELECT customer AS csno, gds_korn_nm, bought AS open_dt, CAST(NULL AS DATE) AS close_dt FROM (${reacted}) JOIN ${products} ON gds_cd = product_code` +
      ` WHERE bought IS NOT NULL ORDER BY csno, gds_korn_nm`;
    await copyWhenWhole(engine, bought, folder, names.holdings);
    const contacts = `SELECT customer AS csno, product_code AS gds_cd, DATE '${date}' AS contact_dt, answer AS result FROM (${reacted}) ORDER BY csno, gds_cd`;
    await copyWhenWhole(engine, contacts, folder, names.contacts);
  });
}
