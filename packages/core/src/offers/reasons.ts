import type { Allocation, Share } from './allocation.ts';
import type { OfferProblem } from './offer-problem.ts';

/** Why somebody with a candidate is offered nothing. */
export const offerReasons = ['rest', 'control', 'worth less', 'never together', 'capacity'] as const;

/** Customers who had a candidate: they are offered one, or counted under one reason. */
export interface OfferCounts {
  candidates: number;
  offered: number;
  reasons: Record<(typeof offerReasons)[number], number>;
}

/** Counts of customers in all, and campaign by campaign. */
export interface CountedOffers {
  all: OfferCounts;
  campaigns: OfferCounts[];
}

type Reason = (typeof offerReasons)[number];

/**
 * Counts who is offered something and who is not, by reason: those who are in the control; whose candidates all rest; who have nothing of worth, or
 * are offered what is worth more; who are offered what is never offered together with it; and, of those who remain, those whom a
 * capacity left out.
 */
export function countOffers(allocation: Allocation): CountedOffers {
  const { problem } = allocation;
  const campaigns = problem.perCampaign.map(noCounts);
  const all = noCounts();
  for (let of = 0; of < problem.offered.length; of++) {
    const best = bestOfCampaigns(allocation, of);
    if (best.size === 0) continue;
    const controls = problem.control[of]!;
    for (const counts of [all, ...[...best.keys()].map((campaign) => campaigns[campaign]!)]) {
      counts.candidates += controls + problem.offered[of]!;
      counts.reasons.control += controls;
    }
    for (const share of allocation.shares(of)) {
      const worths = [...best.values()];
      const top = worths.reduce<number>(
        (most, entry) => (entry === undefined ? most : Math.max(most, problem.worth[entry]!)),
        -1,
      );
      const reason = top < 0 ? 'rest' : top === 0 ? 'worth less' : 'capacity';
      count(all, share.customers, share.entries.length > 0 ? null : reason);
      for (const [campaign, entry] of best)
        count(campaigns[campaign]!, share.customers, reasonOf(problem, share, campaign, entry));
    }
  }
  return { all, campaigns };
}

function noCounts(): OfferCounts {
  return {
    candidates: 0,
    offered: 0,
    reasons: { rest: 0, control: 0, 'worth less': 0, 'never together': 0, capacity: 0 },
  };
}

function count(counts: OfferCounts, customers: number, reason: Reason | null): void {
  if (reason === null) counts.offered += customers;
  else counts.reasons[reason] += customers;
}

/** Of each campaign that a class has a list of, the entry that is worth most; undefined where all rest. */
function bestOfCampaigns({ problem, best: search }: Allocation, of: number): Map<number, number | undefined> {
  const { list, width, start, item, items, worth, rest } = problem;
  const best = new Map<number, number | undefined>();
  for (let l = of * width; l < (of + 1) * width; l++) {
    for (let e = start[list[l]!]!; e < start[list[l]! + 1]!; e++) {
      const { campaign } = items[item[e]!]!;
      const other = best.get(campaign);
      if (rest[of] !== 0 && search.rests(of, item[e]!)) {
        if (!best.has(campaign)) best.set(campaign, undefined);
      } else if (other === undefined || worth[e]! > worth[other]!) best.set(campaign, e);
    }
  }
  return best;
}

/** Why a share is offered nothing of a campaign; null: it is. */
function reasonOf(
  { items, item, worth, perCustomer }: OfferProblem,
  share: Share,
  campaign: number,
  entry: number | undefined,
): Reason | null {
  const chosen = share.entries;
  if (chosen.some((one) => items[item[one]!]!.campaign === campaign)) return null;
  if (entry === undefined) return 'rest';
  if (worth[entry] === 0) return 'worth less';
  const mine = items[item[entry]!]!;
  if (chosen.some((one) => (items[item[one]!]!.together & mine.together) !== 0)) return 'never together';
  if (chosen.some((one) => items[item[one]!]!.product === mine.product)) return 'worth less';
  const isFull = chosen.length >= perCustomer;
  return isFull && chosen.every((one) => worth[one]! >= worth[entry]!) ? 'worth less' : 'capacity';
}
