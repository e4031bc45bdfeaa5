import type { PlainDate, Product } from '@basketwise/core';
import { type DuckdbEngine, openOn, queryRows, type Snapshot, type SnapshotManifest } from '@basketwise/data';
import {
  countWords,
  type PublishedCount,
  publishedCount,
  publishedParts,
  publishedRecord,
  publishedShare,
} from '@basketwise/data/base';
import { type Config, type Settings, threadCount, unnamedClasses } from '@basketwise/pipeline';
import { type ExploreOptions, openNewestSnapshot } from './newest-snapshot.ts';

/** Number of holders of a class or product on the reference date. */
interface ProfiledPart {
  name: string;
  holders: PublishedCount;
  /** Holders as a share of all customers, 0 to 1. Null if it is too small to publish. */
  share: number | null;
  /** Number of holders who purchased the class or product in the year before the reference date. */
  bought: PublishedCount;
}

/** Statistics of a bank's newest snapshot, rounded for publication. */
export interface BankProfile {
  run: string;
  referenceDate: PlainDate;
  customers: { all: PublishedCount; withHoldings: PublishedCount; withoutHoldings: PublishedCount };
  /** Number of customers who hold 1, 2, 3, 4, and at least 5 products. */
  held: readonly { products: string; customers: PublishedCount }[];
  classes: readonly (ProfiledPart & { products: number; onSale: number })[];
  /** Products, by falling number of holders. */
  products: readonly (ProfiledPart & { code: string; class: string; onSale: boolean })[];
  dates: { first: string | null; last: string | null; byYear: readonly { year: string; opened: PublishedCount }[] };
  /** Unusual facts, as sentences. */
  odd: readonly string[];
}

/**
 * Computes statistics of the newest snapshot: of customers, holdings, products, classes and dates, and unusual facts. Makes a
 * snapshot if there is none.
 */
export async function profileBank(settings: Settings, options: ExploreOptions = {}): Promise<BankProfile> {
  const { name, snapshot, referenceDate, close } = await openNewestSnapshot(
    settings,
    threadCount(settings.config.workers),
    options,
  );
  try {
    const counts = await countParts(snapshot, referenceDate);
    const found: BankOddities = {
      products: await snapshot.products(),
      manifest: snapshot.manifest,
      heldCodes: counts.held,
      ...(await dayCounts(snapshot)),
    };
    return { run: name, referenceDate, ...counts.parts, odd: oddities(found, settings.config) };
  } finally {
    await close();
  }
}

/** SQL predicate that is true for a holding that is open on a date. */
const openHoldingsSql = (date: string) =>
  `(SELECT h.*, p.code, p.name, p.class, p.group_key FROM holdings h JOIN products p USING (product) WHERE ${openOn(date)})`;

/** Number of holders of a class or product, and number of holders who purchased it in the year before a date. */
interface HolderCounts {
  holders: number;
  bought: number;
}

/**
 * Counts the holders of each class or product.
 * @param date SQL of the date
 */
async function holdersBy(engine: DuckdbEngine, key: 'class' | 'code', date: string): Promise<Map<string, HolderCounts>> {
  const isNew = `opened > ${date} - INTERVAL 1 YEAR`;
  const sql = `SELECT ${key} AS k, count(DISTINCT customer) AS holders, count(DISTINCT CASE WHEN ${isNew} THEN customer END) AS bought FROM ${openHoldingsSql(date)} h GROUP BY 1`;
  const rows = await queryRows(engine, sql);
  return new Map(rows.map((row) => [String(row.k), { holders: Number(row.holders), bought: Number(row.bought) }]));
}

/** First and last day of opening, and number of openings by year. */
async function openingYears(engine: DuckdbEngine) {
  const years = await queryRows(
    engine,
    "SELECT strftime(opened, '%Y') AS year, count(*) AS opened FROM holdings WHERE opened IS NOT NULL GROUP BY 1 ORDER BY 1",
  );
  const [ends] = await queryRows(
    engine,
    'SELECT CAST(min(opened) AS VARCHAR) AS first, CAST(max(opened) AS VARCHAR) AS last FROM holdings',
  );
  return {
    first: ends!.first as string | null,
    last: ends!.last as string | null,
    byYear: years.map(({ year, opened }) => ({ year: String(year), opened: publishedCount(Number(opened)) })),
  };
}

async function countParts({ engine, manifest, products }: Snapshot, referenceDate: PlainDate) {
  const date = engine.dialect.date(referenceDate);
  const all = manifest.customers.kept;
  const whole = publishedCount(all);
  const part = (name: string, found: HolderCounts = { holders: 0, bought: 0 }): ProfiledPart => {
    const holders = publishedCount(found.holders);
    return { name, holders, share: publishedShare(holders, whole), bought: publishedCount(found.bought) };
  };
  const [byClass, byCode, list] = [
    await holdersBy(engine, 'class', date),
    await holdersBy(engine, 'code', date),
    await products(),
  ];
  const classes = Object.entries(manifest.products.classes).map(([name, count]) => ({
    ...part(name, byClass.get(name)),
    ...{ products: count, onSale: list.filter((one) => one.class === name && one.onSale).length },
  }));
  const perCustomer = `(SELECT customer, least(count(DISTINCT group_key), 5) AS n FROM ${openHoldingsSql(date)} h GROUP BY 1)`;
  const held = await queryRows(engine, `SELECT n, count(*) AS customers FROM ${perCustomer} c GROUP BY 1 ORDER BY 1`);
  const heldBy = held.map(({ customers }) => Number(customers));
  const holders = publishedParts(heldBy);
  const with_ = all - manifest.customers.withoutHoldings;
  return {
    held: new Set(byCode.keys()),
    parts: {
      customers: { all: whole, ...publishedRecord({ withHoldings: with_, withoutHoldings: all - with_ }) },
      held: held.map(({ n }, i) => ({ products: Number(n) === 5 ? '5 and more' : String(n), customers: holders[i]! })),
      classes: classes.sort(compareHolders),
      products: list
        .map(({ code, name, class: of, onSale }) => ({ ...part(name, byCode.get(code)), code, class: of, onSale }))
        .sort(compareHolders),
      dates: await openingYears(engine),
    },
  };
}

function compareHolders(a: ProfiledPart, b: ProfiledPart): number {
  return (b.holders ?? 0) - (a.holders ?? 0) || (a.name < b.name ? -1 : 1);
}

/** Day with most openings, months without openings, and the number of all openings. */
async function dayCounts({ engine }: Snapshot): Promise<Pick<BankOddities, 'openings' | 'busiest' | 'gaps'>> {
  const [busiest] = await queryRows(
    engine,
    'SELECT CAST(opened AS VARCHAR) AS day, count(*) AS n FROM holdings WHERE opened IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1',
  );
  const [openings] = await queryRows(engine, 'SELECT count(opened) AS n FROM holdings');
  const months =
    "(SELECT DISTINCT date_trunc('month', opened) AS m FROM holdings WHERE opened IS NOT NULL AND opened > (SELECT max(opened) FROM holdings) - INTERVAL 24 MONTH)";
  const gaps = await queryRows(
    engine,
    `SELECT strftime(m, '%Y-%m') AS after FROM (SELECT m, lead(m) OVER (ORDER BY m) AS next FROM ${months} x) y WHERE next > m + INTERVAL 1 MONTH ORDER BY 1`,
  );
  return {
    openings: Number(openings!.n),
    busiest: busiest ? { day: String(busiest.day), openings: Number(busiest.n) } : null,
    gaps: gaps.map(({ after }) => String(after)),
  };
}

/** Data of a snapshot that are searched for unusual facts. */
interface BankOddities {
  manifest: SnapshotManifest;
  products: readonly Product[];
  /** Codes of the products that have a holder on the reference date. */
  heldCodes: ReadonlySet<string>;
  /** Number of holdings that have a date of opening. */
  openings: number;
  /** Day on which most holdings were opened. Null if no holding has a date. */
  busiest: { day: string; openings: number } | null;
  /** Months of the last two years after which a month without openings follows. */
  gaps: readonly string[];
}

/** Largest share of all openings on a normal business day. */
const mostOfADay = 0.05;

/** List of names for a sentence, cut to a few. */
const some = (names: readonly string[]) =>
  `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;

/** Unusual facts about a bank's data, as sentences. */
function oddities({ manifest, products, heldCodes, openings, busiest, gaps }: BankOddities, config: Config): string[] {
  const { holdings, customers } = manifest;
  const odd: string[] = [];
  const counted = (rows: number | undefined, text: string) => {
    if (rows !== undefined && rows > 0) odd.push(`${countWords(publishedCount(rows))} ${text}`);
  };
  counted(customers.nullId, 'rows of customers have no id');
  counted(customers.withoutHoldings, 'customers hold nothing');
  counted(holdings.unknownProduct, 'rows of holdings name a product that the products table lacks');
  counted(holdings.unknownCustomer, 'rows of holdings have a customer that the customers table lacks');
  counted(holdings.nullCustomer + holdings.nullProduct, 'rows of holdings lack their customer or product');
  counted(holdings.repeated, 'rows of holdings repeat another row');
  counted(holdings.undated, 'holdings have no date');
  counted(holdings.afterReference, 'holdings begin after the reference date');
  if (busiest && busiest.openings > mostOfADay * openings && openings >= 1000)
    odd.push(
      `${((100 * busiest.openings) / openings).toFixed(0)} % of all openings are of ${busiest.day}: perhaps a migration, not purchases`,
    );
  if (gaps.length > 0) odd.push(`no holding was opened in the months after ${some(gaps)}`);
  const never = products.filter(({ code, groupKey, onSale }) => onSale && !heldCodes.has(code) && !heldCodes.has(groupKey));
  if (never.length > 0) odd.push(`products on sale without holders: ${some(never.map(({ code }) => code))}`);
  const ended = Object.keys(manifest.products.classes).filter((name) =>
    products.every((one) => one.class !== name || !one.onSale),
  );
  if (ended.length > 0) odd.push(`classes without a product on sale: ${some(ended)}`);
  if (Object.keys(config.campaigns).length > 0) {
    const unnamed = unnamedClasses(config, Object.keys(manifest.products.classes));
    if (unnamed.length > 0) odd.push(`classes that no campaign names: ${some(unnamed)}`);
  }
  return odd;
}
