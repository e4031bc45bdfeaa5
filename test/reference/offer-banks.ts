import { type CampaignResults, createRandom, type KernelPool, type Product } from '@basketwise/core';
import type { OfferResults } from '@basketwise/data';
import type { Arms } from '../../packages/offers/src/decisions/arms.ts';
import { decideVariants, type OfferInputs } from '../../packages/offers/src/decisions/decide-offers.ts';
import { offeredItems, ProductCodes } from '../../packages/offers/src/decisions/items.ts';
import { variantsOf } from '../../packages/offers/src/decisions/variants.ts';

type Capacity = Parameters<typeof variantsOf>[0]['capacity'][string];

/** Shape of a random bank with offers. */
export interface BankShape {
  seed: number;
  customers: number;
  perCustomer: number;
  /** Distinct lists of a campaign: few make large classes, many make classes of one customer. */
  lists: number;
  /** Distinct probabilities: few make ties. */
  levels: number;
  /** Groups of customers by which capacities divide them. */
  branches: number;
  /** Capacities besides that of all offers, and the largest `most` of each as a share of the customers. */
  capacities: number;
  room: number;
  least?: boolean;
  together?: boolean;
  resting?: boolean;
  experiment?: boolean;
  /** The variant of the experiment has campaign `c` in place of `a`. */
  isReplaced?: boolean;
  control: number;
}

/** A bank as the stage `decide` has it, without arms. */
export interface OfferBank {
  shape: BankShape;
  offers: Parameters<typeof variantsOf>[0];
  inputs: Omit<OfferInputs, 'pool' | 'drawing'>;
}

const [campaignNames, products] = [['a', 'b', 'c'], 8];

/** Makes a bank: three campaigns of eight products of two classes. The same for the same shape. */
export function offerBank(shape: BankShape): OfferBank {
  const { customers, branches } = shape;
  const random = createRandom(shape.seed);
  const below = (n: number) => Math.floor(random.next() * n);
  const some = <T>(all: readonly T[]) => {
    const chosen = all.filter(() => random.next() < 0.5);
    return chosen.length > 0 ? chosen : [all[below(all.length)]!];
  };
  const bank: Product[] = Array.from({ length: products }, (_, product) => ({
    ...{ product, code: `P${product}`, name: `P${product}`, class: product < 4 ? 'x' : 'y', groupKey: `P${product}` },
    ...{ onSale: true, representative: product },
  }));
  const campaigns = campaignNames.map((campaign) => randomLists(campaign, shape, below));
  const group = Uint32Array.from({ length: customers }, () => below(branches));
  const capacity: Record<string, Capacity> = { calls: { most: 1 + below(customers * shape.room) } };
  for (let i = 0; i < shape.capacities; i++) {
    const isSmall = random.next() < 0.3;
    const most = isSmall ? below(6) : below(customers * shape.room);
    capacity[`c${i}`] = {
      ...(shape.least && random.next() < 0.3 ? { least: Math.floor(most / 5), most } : { most }),
      ...((isSmall || random.next() < 0.7) && {
        products: isSmall ? [`P${below(products)}`] : some(bank.map(({ code }) => code)),
      }),
      ...((isSmall || random.next() < 0.4) && { campaigns: isSmall ? [campaignNames[below(3)]!] : some(campaignNames) }),
      ...(random.next() < 0.5 && { segment: { branch: some(Array.from({ length: branches }, (_, b) => String(b))) } }),
    };
  }
  const offers: Parameters<typeof variantsOf>[0] = {
    value: { products: { P0: 3, P1: 5 }, classes: { x: 2 }, others: 4 },
    ...{
      per_customer: shape.perCustomer,
      campaigns: shape.isReplaced ? { [some(['a', 'c'])[0]!]: { per_customer: 1 } } : {},
      capacity,
      contacts: { answers: { refusal: [], purchase: [] }, rest: {} },
    },
    never_together: shape.together
      ? [
          { products: ['P0', 'P1', 'P5'], campaigns: [] },
          { products: ['P1', 'P2'], campaigns: [shape.isReplaced ? some(['a', 'c'])[0]! : 'a'] },
        ]
      : [],
    ...(shape.experiment && {
      experiment: {
        name: 'other',
        share: 0.4,
        salt: 'variant',
        instead: shape.isReplaced ? { a: 'c' } : {},
        value: { products: { P0: 9 }, classes: {}, others: 3 },
      },
    }),
  };
  const codes = new ProductCodes(bank);
  const items = offeredItems(campaigns, codes, offers);
  const set = Uint32Array.from({ length: customers }, () => (shape.resting && random.next() < 0.3 ? 1 + below(3) : 0));
  const sets = [[], [0, 3, 9], [1, 2], [5, 12, 17]];
  return {
    shape,
    offers,
    inputs: {
      ...{ campaigns, products: bank, codes, values: undefined, items, variants: variantsOf(offers) },
      inVariant: shape.experiment ? Uint8Array.from({ length: customers }, () => (random.next() < 0.4 ? 1 : 0)) : null,
      groups: {
        group,
        groups: branches,
        of: (one) => (one.segment ? [one.segment.branch!].flat().map(Number) : Array.from({ length: branches }, (_, b) => b)),
      },
      resting: { set, sets },
    },
  };
}

/** Lists of a campaign: a popular few of them to most customers where there are few. */
function randomLists(campaign: string, { customers, lists, levels }: BankShape, below: (n: number) => number): CampaignResults {
  const start = [0];
  const [product, probability]: [number[], number[]] = [[], []];
  for (let unit = 0; unit < lists; unit++) {
    for (let one = 0; one < products; one++) {
      if (below(100) < 45) continue;
      product.push(one);
      probability.push((1 + below(levels)) / levels / 4);
    }
    start.push(product.length);
  }
  const unit = Int32Array.from({ length: customers }, () =>
    below(100) < 15 ? -1 : Math.floor((below(lists) * (1 + below(lists))) / lists),
  );
  return {
    ...{ campaign, unit },
    units: {
      ...{ start: Uint32Array.from(start), product: Int32Array.from(product), probability: Float32Array.from(probability) },
      ...{ score: new Float32Array(product.length), source: new Uint8Array(product.length), sources: ['s'] },
    },
  };
}

/** Draws arms of customers. */
export function randomArms(salt: number, customers: number, share: number): Arms {
  const random = createRandom(salt);
  return {
    control: Uint8Array.from({ length: customers }, () => (random.next() < share ? 1 : 0)),
    order: Uint32Array.from({ length: customers }, () => Math.floor(random.next() * 2 ** 32)),
  };
}

export interface ArmCounts {
  customers: number;
  offered: number;
  /** Of the worth of what each of those offered is offered: sum, and sum of squares. */
  worth: number;
  squares: number;
  /** Offers of each product of each campaign. */
  products: number[];
}

/** Decides with drawn arms, and counts both arms: offered, control. Customers without a list do not count. */
export async function decidedArms(pool: KernelPool, { shape, inputs }: OfferBank, salt: number) {
  const arms = randomArms(salt, shape.customers, shape.control);
  const { results, summary } = await decideVariants({ ...inputs, pool, drawing: Promise.resolve(arms) });
  const isListed = (customer: number) => inputs.campaigns.some(({ unit }) => unit[customer]! >= 0);
  return { arms: countedArms(results, arms, isListed, campaignNames.length * products), summary };
}

function countedArms(
  results: OfferResults,
  arms: Arms,
  isListed: (customer: number) => boolean,
  cells: number,
): [ArmCounts, ArmCounts] {
  const counts = (): ArmCounts => ({
    customers: 0,
    offered: 0,
    worth: 0,
    squares: 0,
    products: Array.from({ length: cells }, () => 0),
  });
  const found: [ArmCounts, ArmCounts] = [counts(), counts()];
  for (const [customer, of] of results.unit.entries()) {
    if (!isListed(customer)) continue;
    const mine = found[arms.control[customer]!]!;
    mine.customers++;
    if (of < 0) continue;
    mine.offered++;
    let worth = 0;
    for (let e = results.start[of]!; e < results.start[of + 1]!; e++) {
      if (results.arm[e]! % 2 !== arms.control[customer]) throw new Error('arm');
      worth += results.value[e]! * results.probability[e]!;
      mine.products[results.campaign[e]! * products + results.product[e]!]!++;
    }
    mine.worth += worth;
    mine.squares += worth ** 2;
  }
  return found;
}
