import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@basketwise/core';
import { type DuckdbEngine, openDuckdb } from '@basketwise/data';
import { contactsAndMissed, drawArms, findResting } from '@basketwise/offers';
import { readOut } from '../../packages/pipeline/src/outcomes/outcomes.ts';
import { writeOfferedBefore } from '../../packages/pipeline/src/run/offered-before.ts';
import { differenceInterval } from '../../packages/recommend/src/evaluation/intervals.ts';

/** Simulated banks of one kind: the truth that their read-outs are held against. */
export interface TrialTruth {
  /** Banks; each has its own customers, capacities and read-out. */
  banks: number;
  customers: number;
  control: number;
  /** Nights, a week apart, and how many of them are kept: those before are removed. */
  nights: number;
  keep: number;
  /** Contacts of a product in a night and bank, at most. */
  capacity: number;
  /** Share of the contacted who buy because of it, within ten days. */
  effect: number;
  /** Share of the others contacted who refuse. */
  refusal: number;
}

/** Read-out of one bank, of all nights together. */
export interface Trial {
  /** Whether the 95 % intervals have the truth inside. */
  covers: { difference: boolean; lift: boolean };
  proven: boolean;
  control: number;
  /** Whether the arms differ in sex by more than chance would have it 19 times out of 20. */
  differs: boolean;
  /** The same bank read out by all offers instead of the first: whether the interval of the difference has the effect inside, where it is 0. */
  naive: { covers: boolean };
}

/** All banks together. */
export interface Trials {
  trials: Trial[];
  /** Counted and bought by the read-out, and by the simulation's own records. */
  counted: Arms;
  expected: Arms;
  difference: { value: number; low: number; high: number; truth: number };
  naive: { value: number; low: number; high: number };
  /** Of each night: mean probability of the offered over that of the control, of all offers and of first ones. */
  drift: { all: number; first: number }[];
}

type Arms = Record<'offered' | 'control', { customers: number; bought: number }>;

const products = 4;
/** In place of a set of resting products: all rest. */
const allRest = 0xffff_ffff;
const weeks = 4;
const windowDays = 7 * weeks;
/** Products rest after an offer for longer than a window: within it a product is offered to a customer once. */
const contacts = {
  answers: { refusal: ['NO'], purchase: ['YES'] },
  rest: {
    ...{ offer: { months: 0, days: 35 }, refusal: { months: 12, days: 0 }, purchase: { months: 12, days: 0 } },
    any: { months: 0, days: 7 },
  },
};
const firstDay = Date.UTC(2022, 0, 3) / 86_400_000;
const dateOf = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10);
const arm = () => ({ customers: 0, bought: 0 });

/** State and behaviour of all customers, bank by bank. */
interface World {
  truth: TrialTruth;
  control: Uint8Array;
  /** Chance that a customer buys a product of their own accord: in a week, and in a window. f64[customers x products] */
  weekly: Float64Array;
  windowed: Float64Array;
  /** Day of the purchase of a product, and the last day on which nothing is known of it: infinite where it is not bought. */
  bought: Float64Array;
  next(): number;
}

/** An offer: contacted or not, as the customer's arm is. */
interface Offered {
  customer: number;
  product: number;
}

/**
 * Simulates banks over many nights and reads them out as a run does: arms, rests, the customers of earlier offers and the read-out are those of the product; offers
 * go by prices of the products' capacities, the same for both arms. Customers buy of their own accord or because of the contact; others refuse. Banks share one
 * database, each as a campaign of its own.
 */
export async function readOutTrials(truth: TrialTruth, seed = 1): Promise<Trials> {
  const folder = await mkdtemp(join(tmpdir(), 'basketwise-trials-'));
  const engine = await openDuckdb({ memory: '2GB', threads: 1, tempDirectory: join(folder, 'spill') });
  try {
    const customers = truth.banks * truth.customers;
    const draw = { share: truth.control, salt: `trial ${seed}` };
    await engine.run(
      `CREATE TABLE customers AS SELECT CAST(range AS INTEGER) AS customer, lpad(CAST(range AS VARCHAR), 8, '0') AS id FROM range(${customers})`,
    );
    await engine.run(
      `CREATE TABLE products AS SELECT CAST(range AS INTEGER) AS product, concat('P', range) AS code, concat('Product ', range) AS name, concat('P', range) AS group_key FROM range(${products})`,
    );
    await engine.run(
      'CREATE TABLE contacts (customer INTEGER, product INTEGER, campaign VARCHAR, contacted DATE, answer VARCHAR)',
    );
    await engine.run(
      'CREATE TABLE night (customer INTEGER, campaign VARCHAR, product_code VARCHAR, probability DOUBLE, arm VARCHAR)',
    );
    await engine.run('CREATE TABLE holdings (customer INTEGER, product INTEGER, opened DATE)');
    const { control } = await drawArms(engine, 'customers', customers, draw, AbortSignal.timeout(600_000));
    const world = worldOf(truth, control, seed);
    const nights: Night[] = [];
    let kept: Night[] = [];
    for (let night = 0; night < truth.nights; night++) {
      const day = firstDay + 7 * night;
      const offers = offersOf(world, day, await restingOf(engine, world, day, kept));
      const one = await passNight(engine, world, join(folder, `night-${night}`), day, { offers, draw, kept });
      nights.push(one);
      kept = [...kept, one];
      for (const old of kept.splice(0, kept.length - truth.keep)) await rm(old.run.folder, { recursive: true });
    }
    for (let week = truth.nights; week < truth.nights + weeks + 1; week++) buyAnyway(world, firstDay + 7 * week);
    const holdings = [...world.bought].flatMap((day, i) =>
      day < Number.POSITIVE_INFINITY ? [[Math.floor(i / products), i % products, dateOf(day)]] : [],
    );
    await load(engine, 'holdings', join(folder, 'holdings.csv'), holdings);
    const end = dateOf(firstDay + 7 * truth.nights + windowDays);
    const over = { window: { months: 0, days: windowDays }, gap: null };
    const { outcomes } = await readOut(
      engine,
      end,
      over,
      kept.map(({ run }) => run),
    );
    return judged(
      world,
      nights,
      kept,
      outcomes.filter(({ run }) => run === 'all' || kept.length === 1),
    );
  } finally {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
}

type Run = Parameters<typeof writeOfferedBefore>[1][number];

interface Night {
  day: number;
  offers: readonly Offered[];
  run: Run;
}

function worldOf(truth: TrialTruth, control: Uint8Array, seed: number): World {
  const { next } = createRandom(seed);
  const weekly = new Float64Array(control.length * products);
  for (let i = 0; i < weekly.length; i++) {
    const sex = Math.floor(i / products) % 2;
    // most customers buy seldom, some often: the often buyers are offered first
    weekly[i] = (sex === 0 ? 0.02 : 0.035) * (0.2 + 3 * next() ** 3);
  }
  const windowed = weekly.map((chance) => 1 - (1 - chance) ** weeks);
  return { truth, control, weekly, windowed, bought: new Float64Array(weekly.length).fill(Number.POSITIVE_INFINITY), next };
}

/** Set of resting products of each customer, and the sets, by contacts and by what the control missed. */
async function restingOf(
  engine: DuckdbEngine,
  { control }: World,
  day: number,
  kept: readonly Night[],
): ReturnType<typeof findResting> {
  const all = contactsAndMissed(
    engine,
    'contacts',
    kept.map(({ run }) => run),
    'code',
  )!;
  const about = {
    items: Array.from({ length: products }, (_, product) => ({ campaign: 0, product, together: 0 })),
    campaigns: ['all'],
    products: Array.from({ length: products }, (_, product) => ({ product, groupKey: `P${product}` })),
    countedAs: (campaign: string) => campaign,
    control,
  } as unknown as Parameters<typeof findResting>[4];
  return await findResting(engine, all, contacts, dateOf(day), about, AbortSignal.timeout(600_000));
}

/** Offers of a night: of each customer the product of most value beyond its price; control and contacted by the same prices. */
function offersOf(
  { truth, control, windowed, bought }: World,
  day: number,
  resting: Awaited<ReturnType<typeof restingOf>>,
): Offered[] {
  const sets = resting.sets.map((items) => new Set(items));
  const offers: Offered[] = [];
  const value = new Float64Array(truth.customers * products);
  const bids = new Float64Array(truth.customers);
  for (let bank = 0; bank < truth.banks; bank++) {
    const first = bank * truth.customers;
    for (let at = 0; at < value.length; at++) {
      const [customer, p] = [first + Math.floor(at / products), at % products];
      const set = resting.set[customer]!;
      const isOffered = set !== allRest && bought[first * products + at]! > day && !sets[set]!.has(p);
      value[at] = isOffered ? windowed[first * products + at]! : 0;
    }
    const price = new Float64Array(products);
    const best = (c: number, except = -1): number => {
      let [product, most] = [-1, 0];
      for (let p = 0, at = c * products; p < products; p++, at++) {
        const net = value[at]! - price[p]!;
        if (p !== except && net > most) [product, most] = [p, net];
      }
      return product;
    };
    // each price is the lowest at which no more contacts are asked than there may be, given the others
    for (let step = 0; step < 2 * products; step++) {
      const p = step % products;
      let count = 0;
      for (let c = 0; c < truth.customers; c++) {
        if (control[first + c] === 1 || value[c * products + p] === 0) continue;
        const other = best(c, p);
        bids[count++] = value[c * products + p]! - (other < 0 ? 0 : value[c * products + other]! - price[other]!);
      }
      price[p] = count > truth.capacity ? Math.max(0, bids.subarray(0, count).sort()[count - truth.capacity - 1]!) : 0;
    }
    for (let c = 0; c < truth.customers; c++) {
      const product = best(c);
      if (product >= 0) offers.push({ customer: first + c, product });
    }
  }
  return offers;
}

/** Writes the run of a night, contacts its customers and lets a week pass. */
async function passNight(
  engine: DuckdbEngine,
  world: World,
  folder: string,
  day: number,
  { offers, draw, kept }: { offers: readonly Offered[]; draw: { salt: string; share: number }; kept: readonly Night[] },
): Promise<Night> {
  const { truth, control, windowed, bought, next } = world;
  const date = dateOf(day);
  const rows = offers.map(({ customer, product }) => [
    ...[customer, `s${Math.floor(customer / truth.customers)}`, `P${product}`, windowed[customer * products + product]!],
    control[customer] === 1 ? 'control' : 'offered',
  ]);
  await engine.run('DELETE FROM night');
  await load(engine, 'night', `${folder}.csv`, rows);

  await mkdir(folder);
  const id = `lpad(CAST(customer AS VARCHAR), 8, '0') AS customer`;
  await engine.run(
    `COPY (SELECT ${id}, 1 AS "order", campaign, product_code, probability, arm FROM night) TO '${folder}/offers.parquet' (FORMAT parquet)`,
  );
  await engine.run(
    `COPY (SELECT ${id}, campaign, product_code, 0 AS cluster, 'm' AS source FROM night) TO '${folder}/recommendations.parquet' (FORMAT parquet)`,
  );
  await writeOfferedBefore(
    engine,
    kept.map(({ run }) => run),
    folder,
  );
  const answers: (string | number)[][] = [];
  for (const { customer, product } of offers) {
    if (control[customer] === 1) continue;
    const buys = next() < truth.effect;
    if (buys) bought[customer * products + product] = day + 1 + Math.floor(next() * 10);
    answers.push([customer, product, 'all', date, buys ? 'YES' : next() < truth.refusal ? 'NO' : '']);
  }
  await load(engine, 'contacts', `${folder}.csv`, answers);
  buyAnyway(world, day);
  const run = {
    run: folder,
    folder,
    date,
    hasOffers: true,
    draws: { control: draw },
    output: { formats: ['parquet'], escape_formulas: false },
  } as const;
  return { day, offers, run };
}

/** A week of purchases of the customers' own accord. */
function buyAnyway({ weekly, bought, next }: World, day: number): void {
  for (let i = 0; i < weekly.length; i++) {
    if (bought[i] === Number.POSITIVE_INFINITY && next() < weekly[i]!) bought[i] = day + 1 + Math.floor(next() * 7);
  }
}

async function load(engine: DuckdbEngine, table: string, file: string, rows: readonly (readonly unknown[])[]): Promise<void> {
  await writeFile(file, rows.map((row) => `${row.join()}\n`).join(''));
  await engine.run(`COPY ${table} FROM '${file}' (HEADER false, NULL 'null')`);
}

type Outcome = Awaited<ReturnType<typeof readOut>>['outcomes'][number];

function judged(
  { truth, control, windowed, bought }: World,
  nights: readonly Night[],
  kept: readonly Night[],
  outcomes: readonly Outcome[],
): Trials {
  const banks = Array.from({ length: truth.banks }, () => ({ first: { offered: arm(), control: arm() }, without: 0, with: 0 }));
  const naive = banks.map(() => ({ offered: arm(), control: arm() }));
  const seen = new Set<number>();
  const all = new Map<number, boolean>();
  const drift: Trials['drift'] = [];
  const isKept = new Set(kept);
  for (const night of nights) {
    const sums = { all: { offered: arm(), control: arm() }, first: { offered: arm(), control: arm() } };
    for (const { customer, product } of night.offers) {
      const at = customer * products + product;
      const name = control[customer] === 1 ? 'control' : 'offered';
      const isBought = bought[at]! > night.day && bought[at]! <= night.day + windowDays;
      const isFirst = !seen.has(customer);
      seen.add(customer);
      for (const sum of isFirst ? [sums.all, sums.first] : [sums.all]) {
        sum[name].customers++;
        sum[name].bought += windowed[at]!;
      }
      if (!isKept.has(night)) continue;
      all.set(customer, (all.get(customer) ?? false) || isBought);
      if (!isFirst) continue;
      const bank = banks[Math.floor(customer / truth.customers)]!;
      bank.first[name].customers++;
      bank.first[name].bought += isBought ? 1 : 0;
      bank.without += windowed[at]!;
      bank.with += windowed[at]! + (1 - windowed[at]!) * truth.effect;
    }
    const ratio = (of: Arms) => of.offered.bought / of.offered.customers / (of.control.bought / of.control.customers);
    drift.push({ all: ratio(sums.all), first: ratio(sums.first) });
  }
  for (const [customer, isBought] of all) {
    const one = naive[Math.floor(customer / truth.customers)]![control[customer] === 1 ? 'control' : 'offered'];
    one.customers++;
    one.bought += isBought ? 1 : 0;
  }
  const sum = (some: readonly Arms[]): Arms =>
    some.reduce(
      (one, other) => {
        const added = (name: 'offered' | 'control') => ({
          customers: one[name].customers + other[name].customers,
          bought: one[name].bought + other[name].bought,
        });
        return { offered: added('offered'), control: added('control') };
      },
      { offered: arm(), control: arm() },
    );
  const trials = banks.map((bank, b): Trial => {
    const { lift, difference, proven } = outcomes.find(({ by, value }) => by === 'campaign' && value === `s${b}`)!;
    const n = bank.first.offered.customers + bank.first.control.customers;
    const truths = { difference: (bank.with - bank.without) / n, lift: bank.with / bank.without - 1 };
    const has = ({ low, high }: { low: number; high: number | null }, value: number) =>
      low <= value && (high === null || value <= high);
    const members = Array.from({ length: truth.customers }, (_, c) => b * truth.customers + c);
    const count = (arm: number, sex: number) => members.filter((c) => control[c] === arm && c % 2 === sex).length;
    const [inControl, others] = [[count(1, 0), count(1, 1)] as const, [count(0, 0), count(0, 1)] as const];
    const sexes = differenceInterval(
      { customers: inControl[0] + inControl[1], bought: inControl[0] },
      { customers: others[0] + others[1], bought: others[0] },
    );
    return {
      covers: { difference: has(difference, truths.difference), lift: has(lift, truths.lift) },
      ...{ proven, control: inControl[0] + inControl[1], differs: !has(sexes, 0) },
      naive: { covers: has(differenceInterval(naive[b]!.offered, naive[b]!.control), 0) },
    };
  });
  const { offered, control: held, difference } = outcomes.find(({ by }) => by === 'all')!;
  const expected = sum(banks.map(({ first }) => first));
  const n = expected.offered.customers + expected.control.customers;
  const total = sum(naive);
  const effect = banks.reduce((all, bank) => all + bank.with - bank.without, 0) / n;
  return {
    ...{ trials, counted: { offered, control: held }, expected, difference: { ...difference, truth: effect } },
    ...{ naive: differenceInterval(total.offered, total.control), drift },
  };
}

/** The least and the most successes of `n` draws of which each succeeds with probability `p`, but for a chance of `out` in all. */
export function binomialRange(n: number, p: number, out: number): [number, number] {
  const chances: number[] = [];
  let log = n * Math.log(1 - p);
  for (let k = 0; k <= n; k++) {
    chances.push(Math.exp(log));
    log += Math.log((n - k) / (k + 1)) + Math.log(p / (1 - p));
  }
  let [low, high, below, above] = [0, n, 0, 0];
  while (below + chances[low]! <= out / 2) below += chances[low++]!;
  while (above + chances[high]! <= out / 2) above += chances[high--]!;
  return [low, high];
}
