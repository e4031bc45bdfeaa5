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

/** A customer is made an offer; or why not, by position in `offerReasons`. */
const [isOffered, isAtRest, isControl, isWorthLess, isNeverTogether, isCapacity] = [-1, 0, 1, 2, 3, 4] as const;
type Outcome =
  | typeof isOffered
  | typeof isAtRest
  | typeof isControl
  | typeof isWorthLess
  | typeof isNeverTogether
  | typeof isCapacity;

/** Customers by outcome, as numbers: of each row (all, then each campaign) candidates, offered, then each reason. */
class OutcomeCounts {
  readonly #counts: Float64Array;

  constructor(campaigns: number) {
    this.#counts = new Float64Array((campaigns + 1) * rowLength);
  }

  /** Customers with a candidate, of whom some are in the control. @param campaign -1: of all together */
  addCandidates(campaign: number, customers: number, controls: number): void {
    const row = (campaign + 1) * rowLength;
    this.#counts[row]! += customers;
    this.#counts[row + 2 + isControl]! += controls;
  }

  /** @param campaign -1: of all together */
  add(campaign: number, customers: number, outcome: Outcome): void {
    this.#counts[(campaign + 1) * rowLength + 2 + outcome]! += customers;
  }

  counts(campaign: number): OfferCounts {
    const row = (campaign + 1) * rowLength;
    const reasons = offerReasons.map((reason, i) => [reason, this.#counts[row + 2 + i]!]);
    return {
      candidates: this.#counts[row]!,
      offered: this.#counts[row + 1]!,
      reasons: Object.fromEntries(reasons) as OfferCounts['reasons'],
    };
  }
}

const rowLength = 2 + offerReasons.length;

/**
 * Counts who is offered something and who is not, by reason: those who are in the control; whose candidates all rest; who have nothing of worth, or
 * are offered what is worth more; who are offered what is never offered together with it; and, of those who remain, those whom a
 * capacity left out.
 */
export function countOffers(allocation: Allocation): CountedOffers {
  const { problem } = allocation;
  const campaigns = problem.perCampaign.length;
  const counts = new OutcomeCounts(campaigns);
  const best = new Float64Array(campaigns);
  const listed = bestOfLists(problem);
  for (let of = 0; of < problem.offered.length; of++) {
    if (!bestOfCampaigns(allocation, of, { best, listed })) continue;
    const [offered, controls] = [problem.offered[of]!, problem.control[of]!];
    let top = -1;
    counts.addCandidates(-1, controls + offered, controls);
    for (let campaign = 0; campaign < campaigns; campaign++) {
      const entry = best[campaign]!;
      if (entry === unlisted) continue;
      if (entry >= 0) top = Math.max(top, problem.worth[entry]!);
      counts.addCandidates(campaign, controls + offered, controls);
    }
    const reason = top < 0 ? isAtRest : top === 0 ? isWorthLess : isCapacity;
    // most classes of a large bank are made nothing
    if (allocation.isWithout(of)) {
      counts.add(-1, offered, reason);
      for (let campaign = 0; campaign < campaigns; campaign++) {
        const entry = best[campaign]!;
        if (entry !== unlisted) counts.add(campaign, offered, outcomeOf(problem, nothing, campaign, entry));
      }
      continue;
    }
    for (const share of allocation.shares(of)) {
      counts.add(-1, share.customers, share.entries.length > 0 ? isOffered : reason);
      for (let campaign = 0; campaign < campaigns; campaign++) {
        const entry = best[campaign]!;
        if (entry !== unlisted) counts.add(campaign, share.customers, outcomeOf(problem, share.entries, campaign, entry));
      }
    }
  }
  return { all: counts.counts(-1), campaigns: problem.perCampaign.map((_, campaign) => counts.counts(campaign)) };
}

const nothing: Share['entries'] = [];

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

/** Outcome of a campaign for customers who are made some offers. */
function outcomeOf(
  { items, item, worth, perCustomer }: OfferProblem,
  chosen: Share['entries'],
  campaign: number,
  entry: number,
): Outcome {
  if (chosen.some((one) => items[item[one]!]!.campaign === campaign)) return isOffered;
  if (entry === atRest) return isAtRest;
  if (worth[entry] === 0) return isWorthLess;
  if (chosen.length === 0) return isCapacity;
  const mine = items[item[entry]!]!;
  if (chosen.some((one) => (items[item[one]!]!.together & mine.together) !== 0)) return isNeverTogether;
  if (chosen.some((one) => items[item[one]!]!.product === mine.product)) return isWorthLess;
  const isFull = chosen.length >= perCustomer;
  return isFull && chosen.every((one) => worth[one]! >= worth[entry]!) ? isWorthLess : isCapacity;
}
