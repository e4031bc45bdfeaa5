import { CustomerView } from './customer-at.ts';
import { type DatedBank, monthsLater, never } from './dated-bank.ts';

/** A campaign, as far as its lists are judged. */
export interface CellCampaign {
  name: string;
  kind: 'upsell' | 'cross';
  class: string;
  /** Classes whose products its models know a customer by. */
  columns: readonly string[];
}

/** A customer of a campaign on a day, who bought something that could be known. */
export interface CellCase {
  customer: number;
  /** Everything held on the day. */
  held: readonly { product: number; opened: number }[];
  /** Products bought in the window, of the campaign's class, that were on sale and have known earlier purchases. */
  bought: readonly number[];
}

/** One campaign on one day: who is tested, and lists that are the same for all. */
export interface Cell {
  campaign: CellCampaign;
  cases: CellCase[];
  /** By product: 1 where the campaign may name it. */
  candidate: Uint8Array;
  /** Numbers by product that lists which are the same for all go by. */
  bestSellers: Readonly<Record<string, Float64Array>>;
}

/** Whether a customer who holds such classes is addressed. */
export function isTarget({ kind, class: of }: CellCampaign, held: readonly number[], classOf: readonly string[]): boolean {
  return held.some((product) => classOf[product] === of) === (kind === 'upsell');
}

/** The campaigns' cells of a day. Customers who held nothing of the bank are not tested, as `basketwise evaluate` counts them apart. */
export function cellsOn(bank: DatedBank, campaigns: readonly CellCampaign[], at: number, months: number): Cell[] {
  const view = new CustomerView(bank, at, months);
  const classOf = bank.products.map((product) => product.class);
  // whose date is lost may have been opened later
  const isKnown = new Uint8Array(bank.products.length);
  for (const [row, opened] of bank.opened.entries()) if (opened !== never && opened <= at) isKnown[bank.product[row]!] = 1;
  const spans = [12, 3, 1].map((span) => monthsLater(at, -span));
  const cells = campaigns.map((campaign) => {
    const onSale = ({ class: of, saleEnd }: DatedBank['products'][number]) =>
      of === campaign.class && (saleEnd === never || saleEnd >= at);
    const counts = () => new Float64Array(bank.products.length);
    const bestSellers = {
      popularity: counts(),
      'popularity of 12 months': counts(),
      'popularity of 3 months': counts(),
      'popularity of 1 month': counts(),
      'up-sell popularity': counts(),
    };
    return {
      campaign,
      cases: [] as CellCase[],
      candidate: Uint8Array.from(bank.products, (one) => (onSale(one) ? 1 : 0)),
      bestSellers,
    };
  });
  for (let customer = 0; customer < bank.customers; customer++) {
    const { held, before, bought } = view.of(customer);
    for (const { campaign, cases, candidate, bestSellers } of cells) {
      for (const { product } of held) bestSellers.popularity[product]!++;
      for (const one of before) {
        for (const [i, name] of (
          ['popularity of 12 months', 'popularity of 3 months', 'popularity of 1 month'] as const
        ).entries())
          if (one.day > spans[i]!) bestSellers[name][one.product]!++;
        if (one.held.some((product) => campaign.columns.includes(classOf[product]!)))
          bestSellers['up-sell popularity'][one.product]!++;
      }
      const own = held.map(({ product }) => product);
      const known = bought.filter((product) => candidate[product] === 1 && isKnown[product] === 1);
      if (held.length > 0 && known.length > 0 && isTarget(campaign, own, classOf)) cases.push({ customer, held, bought: known });
    }
  }
  return cells;
}

/** The five products with the largest numbers among those that a customer may be named. */
export function firstFive(values: ArrayLike<number>, candidate: Uint8Array, { held }: Pick<CellCase, 'held'>): number[] {
  const five: number[] = [];
  for (let product = 0; product < candidate.length; product++) {
    if (candidate[product] === 0 || held.some((one) => one.product === product)) continue;
    let place = five.length;
    while (place > 0 && values[five[place - 1]!]! < values[product]!) place--;
    if (place < 5) five.splice(place, 0, product);
    five.length = Math.min(five.length, 5);
  }
  return five;
}

/** NDCG at 5 of a list. */
export function ndcgOf(list: readonly number[], bought: readonly number[]): number {
  let [found, ideal] = [0, 0];
  for (let i = 0; i < 5; i++) {
    if (list[i] !== undefined && bought.includes(list[i]!)) found += 1 / Math.log2(i + 2);
    if (i < bought.length) ideal += 1 / Math.log2(i + 2);
  }
  return found / ideal;
}
