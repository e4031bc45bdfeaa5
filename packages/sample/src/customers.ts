import { noDate } from '@basketwise/core';
import { yearDays } from './calendar.ts';
import type { Catalog } from './catalog.ts';
import type { HoldingRows } from './contracts.ts';
import { aliasTable, drawIndex, drawLogNormal, drawNormal } from './distribution.ts';
import type { SampleBank } from './options.ts';
import type { ProductFamily, SubType } from './product-names.ts';
import { RandomStream } from './random.ts';
import type { Taste } from './taste.ts';

/**
 * Columns of the customer table that are whole numbers. `noDate` (-2^31) stands for null. Codes and days are numbers in memory; the files have text
 * and dates.
 */
// biome-ignore format: a table of columns
export const integerColumns = [
  'SEX_CD', 'AGE', 'BIRTH_DT', 'JOIN_DT', 'OCPT_CD', 'MARR_CD', 'HSHD_CNT', 'SGG_CD', 'CHNL_CD', 'CONSENT_YN',
  'HD', 'DD', 'SD', 'AA', 'DPST_NOCS', 'GIVE_NOCS', 'OVRD_CNT', 'ARRR_NOCS', 'ATPM_STNG_NOCS', 'AUTR_STNG_NOCS',
  'DEATH', 'INJURY', 'DISEASE', 'CHILD', 'GROUP_INS', 'EDU', 'NONQUAL', 'QUAL', 'SAVING', 'RIDER', 'INSU_TOT', 'CARD_CNT', 'FUND_CNT',
] as const;
/** Columns of the customer table that are amounts in won. NaN stands for null. */
export const amountColumns = ['DPST_AMT', 'GIVE_AMT', 'PSRV_RAMT', 'M3_ABAL1', 'YEAR_ABAL1'] as const;

type IntegerColumn = (typeof integerColumns)[number];
type AmountColumn = (typeof amountColumns)[number];

/** Customers with the numbers `from` to `to - 1`, column by column. */
export interface CustomerChunk {
  from: number;
  to: number;
  integers: Readonly<Record<IntegerColumn, Int32Array>>;
  amounts: Readonly<Record<AmountColumn, Float64Array>>;
}

/** Column that counts a customer's open contracts of each sub-type. Funds have only a total. */
// biome-ignore format: a table of columns
const countColumn: Partial<Record<SubType, IntegerColumn>> = {
  term: 'HD', demand: 'DD', instalment: 'SD',
  death: 'DEATH', injury: 'INJURY', disease: 'DISEASE', child: 'CHILD', group: 'GROUP_INS',
  education: 'EDU', annuity: 'NONQUAL', 'qualified-annuity': 'QUAL', saving: 'SAVING',
};
const totalColumn: Record<ProductFamily, IntegerColumn> = { deposit: 'AA', insurance: 'INSU_TOT', fund: 'FUND_CNT' };

/** Factor on balances, by customer segment. */
const segmentWealth = [1, 1.6, 0.8, 1.3, 0.7, 0.6, 2.2, 0.3, 0.5, 1.1, 3, 0.2];
/** Median balance of an open contract in won, by sub-type. The standard deviation of the log balance, `balanceDeviation`, is that of a real bank. */
const medianBalance: Partial<Record<SubType, number>> = { demand: 450_000, instalment: 2_400_000, term: 9_000_000 };
const balanceDeviation = 1.7;
const emptyAccounts = 0.04;
const overdrawnShare = 0.04;
const missingShare = 0.03;
const unknownShare = 0.015;
const firstInactive = 51;
const unknownOccupation = 99;
/** Distribution of customers over 250 districts. The largest has 12 % of the customers. The shares of the others are proportional to 1 / rank. */
const districts = aliasTable(Array.from({ length: 250 }, (_, i) => (i === 0 ? 0.12 : (0.88 * 0.196) / (i + 1))));
const provinces = 17;
const dateStream = 4;
const historyDays = Math.round(20 * yearDays);

function createChunk(from: number, to: number): CustomerChunk {
  const columns = <Name extends string, Values>(names: readonly Name[], make: () => Values) =>
    Object.fromEntries(names.map((name) => [name, make()])) as Record<Name, Values>;
  return {
    from,
    to,
    integers: columns(integerColumns, () => new Int32Array(to - from)),
    amounts: columns(amountColumns, () => new Float64Array(to - from)),
  };
}

/**
 * Draws birthdays that fit the ages. The day of joining is the day of the first contract. Customers without contracts get a random day in the last 20
 * years.
 */
function drawDates({ seed, referenceDay }: SampleBank, chunk: CustomerChunk, holdings: HoldingRows): void {
  const { AGE, BIRTH_DT, JOIN_DT } = chunk.integers;
  JOIN_DT.fill(noDate);
  for (let row = 0; row < holdings.rows; row++) {
    const place = holdings.customer[row]! - chunk.from;
    if (JOIN_DT[place] === noDate || holdings.opened[row]! < JOIN_DT[place]!) JOIN_DT[place] = holdings.opened[row]!;
  }
  const random = new RandomStream(seed, dateStream);
  for (let customer = chunk.from; customer < chunk.to; customer++) {
    const i = customer - chunk.from;
    const sinceBirthday = 1 + random.at(customer).below(364);
    BIRTH_DT[i] = referenceDay - Math.floor(AGE[i]! * yearDays) - sinceBirthday;
    if (JOIN_DT[i] === noDate) JOIN_DT[i] = referenceDay - random.below(historyDays);
  }
}

/** Counts the contracts of each customer that are open on a day, by sub-type and by family. */
function countContracts(chunk: CustomerChunk, catalog: Catalog, holdings: HoldingRows, day: number): void {
  const families = catalog.lines.map(({ family }) => chunk.integers[totalColumn[family]]);
  const kinds = catalog.lines.map(({ subType }) => {
    const column = countColumn[subType];
    return column && chunk.integers[column];
  });
  for (let row = 0; row < holdings.rows; row++) {
    const closed = holdings.closed[row]!;
    if (holdings.opened[row]! > day || (closed !== noDate && closed <= day)) continue;
    const place = holdings.customer[row]! - chunk.from;
    families[holdings.product[row]!]![place]!++;
    const counts = kinds[holdings.product[row]!];
    if (counts) counts[place]!++;
  }
}

function drawOccupation(random: RandomStream, age: number): number {
  const u = random.uniform();
  if (u < missingShare) return noDate;
  if (u < missingShare + unknownShare) return unknownOccupation;
  const inactive = age < 22 ? 0.85 : age > 64 ? 0.6 : 0.2;
  if (!random.chance(inactive)) return 11 + random.below(8);
  return age < 26
    ? firstInactive
    : age > 60 && random.chance(0.7)
      ? firstInactive + 2
      : firstInactive + (random.chance(0.8) ? 1 : 3);
}

/** Draws the personal data of a customer, and the columns that depend on age and marital status. */
function drawColumns(random: RandomStream, { age, sex }: Person, columns: CustomerChunk['integers'], i: number): void {
  columns.AGE[i] = age;
  columns.SEX_CD[i] = sex;
  columns.OCPT_CD[i] = drawOccupation(random, age);
  columns.MARR_CD[i] = random.chance(missingShare) ? noDate : random.chance(age < 30 ? 0.15 : 0.7) ? 1 : 2;
  columns.HSHD_CNT[i] = 1 + random.below(columns.MARR_CD[i] === 1 ? 4 : 2);
  const district = drawIndex(random, districts);
  columns.SGG_CD[i] = (11 + (district % provinces)) * 1000 + district;
  columns.CHNL_CD[i] = 1 + (random.chance(age < 45 ? 0.75 : 0.25) ? 1 : random.below(3) === 0 ? 2 : 0);
  columns.CONSENT_YN[i] = random.chance(0.72) ? 1 : random.chance(0.04) ? noDate : 0;
}

/** Draws the total balance of a customer's open deposits, in whole won. */
function drawBalance(random: RandomStream, segment: number, columns: CustomerChunk['integers'], i: number): number {
  let balance = 0;
  for (const kind of ['demand', 'instalment', 'term'] as const) {
    for (let n = columns[countColumn[kind]!][i]!; n > 0; n--) {
      const amount = Math.round(drawLogNormal(random, medianBalance[kind]! * segmentWealth[segment]!, balanceDeviation));
      if (kind !== 'demand') balance += amount;
      else if (random.chance(emptyAccounts)) continue;
      else balance += random.chance(overdrawnShare) ? -Math.round(amount / 4) : amount;
    }
  }
  return balance;
}

/** Draws the activity on a customer's deposits. Average balances are null for customers without deposits. */
function drawActivity(random: RandomStream, segment: number, chunk: CustomerChunk, i: number): void {
  const { integers, amounts } = chunk;
  if (integers.AA[i] === 0) {
    amounts.M3_ABAL1[i] = Number.NaN;
    amounts.YEAR_ABAL1[i] = Number.NaN;
    return;
  }
  const balance = drawBalance(random, segment, integers, i);
  const lively = 1 + 2 * integers.DD[i]! + integers.SD[i]!;
  amounts.PSRV_RAMT[i] = balance;
  amounts.M3_ABAL1[i] = Math.round(drawLogNormal(random, balance, 0.25));
  amounts.YEAR_ABAL1[i] = Math.round(drawLogNormal(random, balance, 0.5));
  integers.DPST_NOCS[i] = Math.floor(drawLogNormal(random, 3 * lively, 0.9));
  integers.GIVE_NOCS[i] = Math.floor(drawLogNormal(random, 4 * integers.DD[i]!, 1));
  amounts.DPST_AMT[i] = Math.round(integers.DPST_NOCS[i]! * drawLogNormal(random, 180_000 * segmentWealth[segment]!, 1.2));
  amounts.GIVE_AMT[i] = Math.round(integers.GIVE_NOCS[i]! * drawLogNormal(random, 120_000 * segmentWealth[segment]!, 1.2));
  integers.OVRD_CNT[i] = balance < 0 || random.chance(0.03) ? 1 + random.below(3) : 0;
  integers.ARRR_NOCS[i] = random.chance(0.04) ? 1 + random.below(6) : 0;
  integers.ATPM_STNG_NOCS[i] = integers.DD[i]! > 0 ? random.below(5) : 0;
  integers.AUTR_STNG_NOCS[i] = integers.SD[i]! > 0 ? 1 + random.below(2) : random.chance(0.1) ? 1 : 0;
}

/**
 * Draws the customer columns of a chunk as of a day. Personal data have a random stream of their own; counts come from the holdings, which must
 * include ended ones.
 * @param day the reference date, or a day a whole number of years before it
 */
export function drawCustomers(bank: SampleBank, catalog: Catalog, holdings: HoldingRows, day = bank.referenceDay): CustomerChunk {
  const chunk = createChunk(holdings.from, holdings.to);
  const { integers } = chunk;
  countContracts(chunk, catalog, holdings, day);
  const random = new RandomStream(bank.seed, personStream);
  for (let customer = holdings.from; customer < holdings.to; customer++) {
    const i = customer - holdings.from;
    const person = drawPerson(random.at(customer), catalog.taste);
    const { segment } = person;
    drawColumns(random, person, integers, i);
    for (let n = integers.INSU_TOT[i]!; n > 0; n--) integers.RIDER[i]! += random.below(3);
    integers.CARD_CNT[i] = integers.DD[i]! > 0 && random.chance(0.55) ? 1 + Number(random.chance(0.2)) : 0;
    drawActivity(random, segment, chunk, i);
  }
  drawDates(bank, chunk, holdings);
  const years = Math.round((bank.referenceDay - day) / yearDays);
  if (years > 0) for (const [i, age] of integers.AGE.entries()) integers.AGE[i] = Math.max(0, age - years);
  return chunk;
}

/** Personal data of a customer on which purchases depend. */
export interface Person {
  segment: number;
  /** Age on the reference date, in whole years. */
  age: number;
  /** Sex code: 1 or 2. */
  sex: number;
}

/** Number of the random stream of customers' segments and personal data. Each customer's sequence starts with the data of `Person`. */
export const personStream = 1;
/** Mean age of each segment, in years. */
const segmentAge = [52, 66, 58, 45, 72, 34, 61, 24, 78, 39, 29, 17];
const ageDeviation = 9;

/** Draws the personal data of a customer. @param random positioned at the start of the customer's sequence */
export function drawPerson(random: RandomStream, taste: Taste): Person {
  const segment = drawIndex(random, taste.segments);
  const age = Math.min(98, Math.max(8, Math.round(segmentAge[segment]! + ageDeviation * drawNormal(random))));
  return { segment, age, sex: random.chance(0.5) ? 1 : 2 };
}

/** Draws the personal data of the customers `from` to `to - 1`. */
export function drawPersons({ seed }: SampleBank, { taste }: Catalog, from: number, to: number): Person[] {
  const random = new RandomStream(seed, personStream);
  return Array.from({ length: to - from }, (_, i) => drawPerson(random.at(from + i), taste));
}
