import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import { type DuckdbEngine, openDuckdb } from '@basketwise/data';
import { dayOf } from './calendar.ts';
import { type Language, nameColumns } from './product-names.ts';

/** Simulated reactions of a generated bank's customers to contacts. `effect` is the true effect, with which an effect report can be compared. */
export interface Reaction {
  /** Share of contacted customers, 0 to 1, who purchase the offered product because of the contact. Their other purchases do not change. */
  effect: number;
  seed: number;
  /** Language of the bank. Default ko. */
  language?: Language;
}

/** Maximum number of days from a contact to the purchase that it causes. */
export const reactionDays = 10;
/** Share of refusals among contacted customers without such a purchase. */
const refusalShare = 0.1;

/** SQL expression of a pseudo-random number in [0, 1), determined by the seed, `what` and the texts. */
function drawn({ dialect }: DuckdbEngine, seed: number, what: string, texts: readonly string[]): string {
  const hash = `md5(concat_ws(':', ${[dialect.text(`${seed} ${what}`), ...texts].join(', ')}))`;
  return `CAST(concat('0x', substr(${hash}, 1, 8)) AS UINTEGER) / 4294967296.0`;
}

/**
 * Query of the results of contacts: for each contact, the day of the purchase that it causes (null: no purchase) and the customer's answer.
 * @param contacts relation with the columns `customer` and `product_code`
 * @param date day of the contacts, YYYY-MM-DD
 * @returns a query with the columns customer, product_code, bought, answer
 * @throws AppError usage for an effect out of range or an invalid date
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

/** Names of the files that a day of contacts adds to the bank's folder. */
function tablesOfDay(date: string): { contacts: string; holdings: string } {
  return { contacts: `contacts-${date}.parquet`, holdings: `holdings-${date}.parquet` };
}

/** Name of the contacts file of a day. It is written last, so its existence shows that the day is complete. */
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
  await engine.copyToParquet(query, unfinished, { writing: name });
  await rename(unfinished, join(folder, name));
}

/** Writes contacts.parquet without rows to the folder of a bank. */
export async function startContacts(folder: string): Promise<void> {
  const none = `SELECT '' AS csno, '' AS gds_cd, DATE '2000-01-01' AS contact_dt, '' AS result WHERE false`;
  await inFolder(folder, (engine) => copyWhenWhole(engine, none, folder, 'contacts.parquet'));
}

/**
 * Simulates a day on which all customers of a contact list are contacted. Purchases are written to holdings-DATE.parquet, then answers to
 * contacts-DATE.parquet. Repeating a day gives the same files.
 * @param folder folder of the bank, with products.parquet
 * @param list path of a contact-list.parquet of offers
 * @param date day of the contacts, YYYY-MM-DD
 */
export async function reactTo(folder: string, list: string, date: string, reaction: Reaction): Promise<void> {
  const names = tablesOfDay(date);
  const nameColumn = nameColumns[reaction.language ?? 'ko'];
  await inFolder(folder, async (engine) => {
    const { text } = engine.dialect;
    const reacted = reactionSql(engine, `read_parquet(${text(list)})`, date, reaction);
    const products = `(SELECT gds_cd, any_value(${nameColumn}) AS ${nameColumn} FROM read_parquet(${text(join(folder, 'products.parquet'))}) GROUP BY gds_cd)`;
    const bought =
      `SELECT customer AS csno, ${nameColumn}, bought AS open_dt, CAST(NULL AS DATE) AS close_dt FROM (${reacted}) JOIN ${products} ON gds_cd = product_code` +
      ` WHERE bought IS NOT NULL ORDER BY csno, ${nameColumn}`;
    await copyWhenWhole(engine, bought, folder, names.holdings);
    const contacts = `SELECT customer AS csno, product_code AS gds_cd, DATE '${date}' AS contact_dt, answer AS result FROM (${reacted}) ORDER BY csno, gds_cd`;
    await copyWhenWhole(engine, contacts, folder, names.contacts);
  });
}
