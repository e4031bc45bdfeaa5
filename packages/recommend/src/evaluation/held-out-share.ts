import type { CampaignPlan } from '../campaigns/campaign-plan.ts';
import type { CampaignColumns } from '../campaigns/columns.ts';
import type { BankOfWindow } from './bank-at.ts';

/**
 * Share of held-out products that are candidates of a campaign, among its targets, above 0 and below 1. It is a mean over all customers and over
 * each product that could be held out, so that it does not depend on the draws. Customers tested elsewhere are left out.
 */
export function heldOutShare(
  { csr, products, added, absent, elsewhere, weight }: BankOfWindow,
  { kind }: Pick<CampaignPlan, 'kind'>,
  { ofClass, recommended }: Pick<CampaignColumns, 'ofClass' | 'recommended'>,
): number {
  const start = csr.memory.u32(csr.start, csr.customers + 1);
  const entry = csr.memory.u32(csr.entry, csr.entries);
  const sums = { targets: 0, taken: 0 };
  for (let customer = 0; customer < csr.customers; customer++) {
    if (absent?.[customer] || elsewhere?.has(customer)) continue;
    const held = new Set((added.get(customer) ?? []).map((product) => products[product]!.groupKey));
    for (let at = start[customer]!; at < start[customer + 1]!; at++) held.add(products[entry[at]! >>> 8]!.groupKey);
    if (held.size < 2) continue;
    const own = [...held].filter((key) => ofClass.has(key));
    const candidates = own.filter((key) => recommended.has(key)).length;
    // Targets hold a product of the class (up-sell) or none (cross-sell) after one of the class, or another, is held out.
    const isTarget = (left: number) => left > 0 === (kind === 'upsell');
    const times = (weight?.[customer] ?? 1) / held.size;
    if (isTarget(own.length)) sums.targets += times * (held.size - own.length);
    if (own.length === 0 || !isTarget(own.length - 1)) continue;
    sums.targets += times * own.length;
    sums.taken += times * candidates;
  }
  return (sums.taken + 0.5) / (sums.targets + 1);
}
