import { noDate, required } from '@basketwise/core';
import { type CampaignVerdict, type CustomerLists, isNextProduct, noProductsText, sameProductsText } from '@basketwise/recommend';
import type { OwnBank, OwnCounts } from './own-bank.ts';

/** Product that occurs in lists, with its most frequent reasons. */
export interface ProductSummary {
  code: string;
  name: string;
  /** Number of customers whose list contains the product. */
  listed: number;
  /** Number of customers whose list starts with the product. */
  first: number;
  /** Expected number of purchases in the next window: the sum of the probabilities over the lists. Null if holdings have no dates. */
  expected: number | null;
  /** Most frequent reasons, each with its number of customers. */
  reasons: readonly OwnReason[];
}

/** Reason of a product in lists, and the number of customers whose list gives this reason. */
export interface OwnReason {
  /**
   * Held product that is the reason. `same`: purchases by customers with the same products. `none`: purchases by customers without products. Null:
   * popularity.
   */
  holds: { code: string; name: string } | 'same' | 'none' | null;
  customers: number;
}

/** Results of training on the user's own bank, as the page shows them. */
export interface OwnSummary {
  counts: OwnCounts;
  customers: number;
  products: number;
  baskets: number;
  targets: number;
  served: number;
  date: string | null;
  /** Comparison of the lists with the popularity baselines in past windows. Null if too few customers purchased. */
  verdict: CampaignVerdict | null;
  /** Number of test customers who purchased a product. */
  tested: number;
  /** Components of the model, largest weight first. */
  members: readonly { name: string; weight: number }[];
  listed: readonly ProductSummary[];
  seconds: { read: number; train: number };
  threads: number;
}

/** Maximum number of reasons shown per product. */
const mostReasons = 3;
/** Minimum weight of a component that is shown. */
const leastWeight = 0.005;

/** Parses the text of an entry's reason. */
function holdingOfReason(text: string, nameOf: ReadonlyMap<string, string>): OwnReason['holds'] {
  if (text === sameProductsText) return 'same';
  if (text === noProductsText) return 'none';
  if (!text.startsWith('holds ')) return null;
  const code = text.slice('holds '.length);
  return { code, name: nameOf.get(code) ?? code };
}

/** Name of each product, by code. */
function productNames({ products }: CustomerLists): ReadonlyMap<string, string> {
  return new Map(products.map(({ code, name }) => [code, name]));
}

/** Whether probabilities are those of the next product. They are if holdings have no dates. */
const isOfNext = ({ calibration }: CustomerLists): boolean => calibration !== null && isNextProduct(calibration);

/** Counts products and reasons over the lists of all customers. Products are ordered by the number of lists that start with them. */
function productSummaries(trained: CustomerLists): ProductSummary[] {
  const { unit, units } = trained.scored.results;
  const customersOf = new Float64Array(units.start.length - 1);
  for (const row of unit) if (row >= 0) customersOf[row]!++;
  const found = new Map<number, { listed: number; first: number; expected: number; reasons: Map<number, number> }>();
  for (let row = 0; row < customersOf.length; row++) {
    for (let at = units.start[row]!; at < units.start[row + 1]!; at++) {
      const customers = customersOf[row]!;
      const product = units.product[at]!;
      const one = found.get(product) ?? { listed: 0, first: 0, expected: 0, reasons: new Map<number, number>() };
      found.set(product, one);
      one.listed += customers;
      if (at === units.start[row]) one.first += customers;
      one.expected += customers * (units.probability?.[at] ?? 0);
      const reason = units.reason?.[at] ?? -1;
      one.reasons.set(reason, (one.reasons.get(reason) ?? 0) + customers);
    }
  }
  const nameOf = productNames(trained);
  return [...found]
    .sort(([p, a], [q, b]) => b.first - a.first || b.listed - a.listed || p - q)
    .map(([product, { listed, first, expected, reasons }]) => {
      const { code, name } = trained.products[product]!;
      const most = [...reasons].sort(([a, m], [b, n]) => n - m || a - b).slice(0, mostReasons);
      return {
        ...{ code, name, listed, first },
        expected: units.probability === undefined || isOfNext(trained) ? null : expected,
        reasons: most.map(([reason, customers]) => ({
          holds: holdingOfReason(units.reasons?.[reason] ?? '', nameOf),
          customers,
        })),
      };
    });
}

/** Summary of the user's own bank and its trained model. */
export function ownBankSummary(
  bank: OwnBank,
  trained: CustomerLists,
  about: Pick<OwnSummary, 'date' | 'seconds' | 'threads'>,
): OwnSummary {
  const { scored, baskets, products } = trained;
  const choice = trained.choice!;
  const members = Object.entries(choice.learned?.weights ?? {}).map(([name, weight]) => ({ name, weight }));
  const { targets, served } = scored.counts;
  return {
    ...{ counts: bank.counts, customers: bank.ids.length, products: products.length, baskets, targets, served },
    ...{ verdict: choice.verdict, tested: choice.tested },
    members: members.filter(({ weight }) => weight >= leastWeight).sort((a, b) => b.weight - a.weight),
    listed: productSummaries(trained),
    ...about,
  };
}

/** Holdings and list of one customer. */
export interface OwnCustomer {
  /** Customer number. */
  row: number;
  id: string;
  holds: readonly { code: string; name: string; since: number | null }[];
  list: readonly { code: string; name: string; score: number; probability: number | null; reason: OwnReason['holds'] }[];
  /** Whether probabilities are those of the next product. They are if holdings have no dates. */
  isOfNext: boolean;
}

/**
 * Holdings and list of a customer.
 * @param row customer number
 * @param today reference day, in days since 1970-01-01
 */
export function ownCustomer(bank: OwnBank, trained: CustomerLists, row: number, today: number): OwnCustomer {
  const nameOf = productNames(trained);
  const list = trained.of(row).map(({ product: code, score, probability, reason }) => {
    return { code, name: required(nameOf, code), score, probability, reason: holdingOfReason(reason ?? '', nameOf) };
  });
  return { row, id: bank.ids[row]!, holds: holdingsOf(bank, trained, row, today), list, isOfNext: isOfNext(trained) };
}

function holdingsOf(bank: OwnBank, { products }: CustomerLists, row: number, today: number): OwnCustomer['holds'] {
  const { customer, product, days, closed } = bank;
  const since = new Map<number, number | null>();
  for (let i = customer.indexOf(row); i >= 0; i = customer.indexOf(row, i + 1)) {
    if (days[i]! > today || closed[i]! <= today) continue;
    const day = days[i] === noDate ? null : days[i]!;
    since.set(product[i]!, day === null ? (since.get(product[i]!) ?? null) : Math.max(day, since.get(product[i]!) ?? day));
  }
  return [...since]
    .sort(([a], [b]) => a - b)
    .map(([p, day]) => ({ code: products[p]!.code, name: products[p]!.name, since: day }));
}
