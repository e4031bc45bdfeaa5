import { createRandom } from '@basketwise/core';
import type { OfferCapacity, OfferProblem } from '@basketwise/offers';

/** How a random problem is drawn. */
export interface RandomOffers {
  seed: number;
  customers: number;
  perCustomer?: number;
  capacities?: number;
  together?: boolean;
  least?: boolean;
}

/** A bank with campaigns, lists, groups of customers, products that rest and capacities that bind. */
export function randomProblem(options: RandomOffers): OfferProblem {
  const { seed, customers, perCustomer = 1, capacities = 6, together = false, least = false } = options;
  const generator = createRandom(seed);
  const random = () => generator.next();
  const below = (n: number) => Math.floor(random() * n);
  const [campaigns, products, groups, width] = [3, 6, 4, 3];
  const items = Array.from({ length: campaigns * products }, (_, i) => {
    return {
      campaign: Math.floor(i / products),
      product: i % products,
      together: together && random() < 0.4 ? 1 << below(3) : 0,
    };
  });
  const start = [0, 0];
  const item: number[] = [];
  const worth: number[] = [];
  const list: number[] = [];
  for (let c = 0; c < customers; c++) {
    for (let l = 0; l < width; l++) {
      if (random() < 0.2) {
        list.push(0);
        continue;
      }
      for (let p = 0; p < products; p++) {
        if (random() < 0.5) continue;
        item.push(l * products + p);
        worth.push(random() < 0.03 ? 0 : Math.round(1000 * random() ** 2 * (1 + p)) / 1000);
      }
      start.push(item.length);
      list.push(start.length - 2);
    }
  }
  const restItem: number[] = [];
  const restStart = [0, 0];
  for (let set = 0; set < 5; set++) {
    for (let i = 0; i < items.length; i++) if (random() < 0.3) restItem.push(i);
    restStart.push(restItem.length);
  }
  return {
    offered: Uint32Array.from({ length: customers }, () => (random() < 0.1 ? 1 + below(6) : 1)),
    control: Uint32Array.from({ length: customers }, () => (random() < 0.1 ? 1 : 0)),
    ...{ width, list: Uint32Array.from(list), start: Uint32Array.from(start) },
    ...{ item: Uint32Array.from(item), worth: Float32Array.from(worth), groups, items, perCustomer },
    group: Uint32Array.from({ length: customers }, () => below(groups)),
    rest: Uint32Array.from({ length: customers }, () => (random() < 0.3 ? 1 + below(5) : 0)),
    restStart: Uint32Array.from(restStart),
    restItem: Uint32Array.from(restItem),
    perCampaign: Array.from({ length: campaigns }, () => 1 + below(perCustomer)),
    capacities: Array.from({ length: capacities }, (): OfferCapacity => {
      const some = (n: number, share: number) => Array.from({ length: n }, (_, i) => i).filter(() => random() < share);
      const scope = { items: some(items.length, 0.5), groups: random() < 0.5 ? [0, 1, 2, 3] : some(groups, 0.6) };
      const size = (scope.items.length * scope.groups.length) / (items.length * groups);
      const most = Math.floor(customers * perCustomer * size * (0.1 + random()));
      const minimum = least && random() < 0.4 ? Math.floor(most * 0.3 * random()) : 0;
      return { ...scope, most: random() < 0.1 ? Number.POSITIVE_INFINITY : most, least: minimum };
    }),
  };
}
