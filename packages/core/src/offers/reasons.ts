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
  const best = new Float64Array(problem.perCampaign.length);
  const listed = bestOfLists(problem);
  const without: Share = { customers: 0, entries: [] };
  for (let of = 0; of < problem.offered.length; of++) {
    if (!bestOfCampaigns(allocation, of, { best, listed })) continue;
    const controls = problem.control[of]!;
    let top = -1;
    for (let campaign = -1; campaign < best.length; campaign++) {
      const entry = campaign < 0 ? atRest : best[campaign]!;
      if (entry === unlisted) continue;
      if (entry >= 0) top = Math.max(top, problem.worth[entry]!);
      const counts = campaign < 0 ? all : campaigns[campaign]!;
      counts.candidates += controls + problem.offered[of]!;
      counts.reasons.control += controls;
    }
    const reason = top < 0 ? 'rest' : top === 0 ? 'worth less' : 'capacity';
    // most classes of a large bank are made nothing
    const isWithout = allocation.isWithout(of);
    if (isWithout) without.customers = problem.offered[of]!;
    for (const share of isWithout ? [without] : allocation.shares(of)) {
      count(all, share.customers, share.entries.length > 0 ? null : reason);
      for (let campaign = 0; campaign < best.length; campaign++) {
        const entry = best[campaign]!;
        if (entry !== unlisted) count(campaigns[campaign]!, share.customers, reasonOf(problem, share, campaign, entry));
      }
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

/** In place of an entry: the class has no list of the campaign; all of the list rests. */
const [unlisted, atRest] = [-2, -1];

/** Lists by what is worth most of them. */
interface BestOfLists {
  /** Of each item. */
  campaignOf: Uint32Array;
  /** Of each list: the entry that is worth most, the first of those; `unlisted` where it has none, `mixed` where they are of several campaigns. */
  top: Int32Array;
}

/** In place of an entry: a list has several campaigns. */
const mixed = -3;

function bestOfLists({ items, item, start, worth }: OfferProblem): BestOfLists {
  const campaignOf = Uint32Array.from(items, ({ campaign }) => campaign);
  const top = new Int32Array(start.length - 1).fill(unlisted);
  for (let l = 0; l < top.length; l++) {
    for (let e = start[l]!, end = start[l + 1]!; e < end && top[l] !== mixed; e++) {
      const other = top[l]!;
      if (other !== unlisted && campaignOf[item[e]!] !== campaignOf[item[other]!]) top[l] = mixed;
      else if (other === unlisted || worth[e]! > worth[other]!) top[l] = e;
    }
  }
  return { campaignOf, top };
}

/**
 * Finds the entry of each campaign that is worth most to a class; `unlisted` or `atRest` where there is none.
 * @param best written: by campaign
 * @returns whether the class has a list
 */
function bestOfCampaigns(
  { problem, best: search }: Allocation,
  of: number,
  { best, listed: { campaignOf, top } }: { best: Float64Array; listed: BestOfLists },
): boolean {
  const { list, width, start, item, worth, rest } = problem;
  best.fill(unlisted);
  let isListed = false;
  for (let l = of * width; l < (of + 1) * width; l++) {
    const most = top[list[l]!]!;
    if (most === unlisted) continue;
    isListed = true;
    const isWhole = rest[of] === 0 && most !== mixed;
    for (let e = isWhole ? most : start[list[l]!]!, end = isWhole ? most + 1 : start[list[l]! + 1]!; e < end; e++) {
      const campaign = campaignOf[item[e]!]!;
      const other = best[campaign]!;
      if (rest[of] !== 0 && search.rests(of, item[e]!)) {
        if (other === unlisted) best[campaign] = atRest;
      } else if (other < 0 || worth[e]! > worth[other]!) best[campaign] = e;
    }
  }
  return isListed;
}

/** Why a share is offered nothing of a campaign; null: it is. */
function reasonOf(
  { items, item, worth, perCustomer }: OfferProblem,
  share: Share,
  campaign: number,
  entry: number,
): Reason | null {
  const chosen = share.entries;
  if (chosen.some((one) => items[item[one]!]!.campaign === campaign)) return null;
  if (entry === atRest) return 'rest';
  if (worth[entry] === 0) return 'worth less';
  if (chosen.length === 0) return 'capacity';
  const mine = items[item[entry]!]!;
  if (chosen.some((one) => (items[item[one]!]!.together & mine.together) !== 0)) return 'never together';
  if (chosen.some((one) => items[item[one]!]!.product === mine.product)) return 'worth less';
  const isFull = chosen.length >= perCustomer;
  return isFull && chosen.every((one) => worth[one]! >= worth[entry]!) ? 'worth less' : 'capacity';
}
