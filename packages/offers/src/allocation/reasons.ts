import { atRest, type KernelPool, mixed, outcomeRow, unlisted } from '@basketwise/core';
import type { Allocation, OfferShare } from './allocation.ts';
import { type OfferProblem, storeClasses } from './offer-problem.ts';
import { classRanges } from './packed-classes.ts';

/** Reasons why a customer with a candidate gets no offer. */
const offerReasons = ['rest', 'control', 'worth less', 'never together', 'capacity'] as const;

/** Numbers of customers with a candidate. Each customer has an offer, or is counted under one reason for no offer. */
export interface OfferCounts {
  candidates: number;
  offered: number;
  reasons: Record<(typeof offerReasons)[number], number>;
}

/** Counts of customers in total, and by campaign. */
export interface CountedOffers {
  all: OfferCounts;
  campaigns: OfferCounts[];
}

/** Position of each outcome in a record of counts. */
const { offered: isOffered, rest: isAtRest, worthLess: isWorthLess, neverTogether: isNeverTogether } = outcomeRow;
const { control: isControl, capacity: isCapacity } = outcomeRow;
type OfferFate =
  | typeof isOffered
  | typeof isAtRest
  | typeof isControl
  | typeof isWorthLess
  | typeof isNeverTogether
  | typeof isCapacity;
const fateOfReason: Record<(typeof offerReasons)[number], OfferFate> = {
  ...{ rest: isAtRest, control: isControl, 'worth less': isWorthLess, 'never together': isNeverTogether, capacity: isCapacity },
};

/** Numbers of customers by outcome: one record for the total, then one record for each campaign. */
class OutcomeCounts {
  readonly #counts: Float64Array;

  /** @param counted records of counts from the kernel calls, which the constructor adds up */
  constructor(campaigns: number, counted: readonly Float64Array[]) {
    this.#counts = new Float64Array((campaigns + 1) * outcomeRow.recordWords);
    for (const some of counted) for (let i = 0; i < some.length; i++) this.#counts[i]! += some[i]!;
  }

  /** Adds customers with a candidate, including control customers. @param campaign -1: the total */
  addCandidates(campaign: number, customers: number, controls: number): void {
    const row = (campaign + 1) * outcomeRow.recordWords;
    this.#counts[row + outcomeRow.candidates]! += customers;
    this.#counts[row + isControl]! += controls;
  }

  /** Adds customers with an outcome. @param campaign -1: the total */
  add(campaign: number, customers: number, outcome: OfferFate): void {
    this.#counts[(campaign + 1) * outcomeRow.recordWords + outcome]! += customers;
  }

  counts(campaign: number): OfferCounts {
    const row = (campaign + 1) * outcomeRow.recordWords;
    const reasons = offerReasons.map((reason) => [reason, this.#counts[row + fateOfReason[reason]]!]);
    return {
      candidates: this.#counts[row + outcomeRow.candidates]!,
      offered: this.#counts[row + isOffered]!,
      reasons: Object.fromEntries(reasons) as OfferCounts['reasons'],
    };
  }
}

/**
 * Counts the customers with and without an offer, in total and by campaign.
 * A customer without an offer counts under the first reason that applies:
 * - the customer is in the control
 * - all candidates are in cool-off
 * - no candidate has a value above 0
 * - another offer has a greater value
 * - another offer excludes the candidate
 * - a capacity excludes the candidate
 */
export async function countOffers(pool: KernelPool, allocation: Allocation): Promise<CountedOffers> {
  const { problem } = allocation;
  const campaigns = problem.perCampaign.length;
  const listed = bestOfLists(problem);
  // In a large bank, most classes have no offers, so the kernel counts these classes.
  const without = allocation.without();
  const counts = new OutcomeCounts(campaigns, await countUnoffered(pool, problem, listed, without));
  const best = new Float64Array(campaigns);
  for (let classIndex = 0; classIndex < problem.offered.length; classIndex++) {
    if (without[classIndex] === 1 || !bestOfCampaigns(allocation, classIndex, { best, listed })) continue;
    const [offered, controls] = [problem.offered[classIndex]!, problem.control[classIndex]!];
    let top = -1;
    counts.addCandidates(-1, controls + offered, controls);
    for (let campaign = 0; campaign < campaigns; campaign++) {
      const entry = best[campaign]!;
      if (entry === unlisted) continue;
      if (entry >= 0) top = Math.max(top, problem.worth[entry]!);
      counts.addCandidates(campaign, controls + offered, controls);
    }
    if (offered === 0) continue;
    const reason = top < 0 ? isAtRest : top === 0 ? isWorthLess : isCapacity;
    for (const share of allocation.shares(classIndex)) {
      counts.add(-1, share.customers, share.entries.length > 0 ? isOffered : reason);
      for (let campaign = 0; campaign < campaigns; campaign++) {
        const entry = best[campaign]!;
        if (entry !== unlisted) counts.add(campaign, share.customers, fateOf(problem, share.entries, campaign, entry));
      }
    }
  }
  return { all: counts.counts(-1), campaigns: problem.perCampaign.map((_, campaign) => counts.counts(campaign)) };
}

/** Counts the customers of classes without offers, one record per kernel call. @param without 1 for classes without offers, u8[classes] */
async function countUnoffered(
  pool: KernelPool,
  problem: OfferProblem,
  { campaignOf, top }: BestOfLists,
  without: Uint8Array,
): Promise<Float64Array[]> {
  const { memory } = pool;
  const { offered, control, perCampaign } = problem;
  const mark = memory.mark();
  const stored = {
    ...{ problem: storeClasses(memory, problem), top: memory.store(top), campaignOf: memory.store(campaignOf) },
    ...{ control: memory.store(control), without: memory.store(without) },
  };
  const campaigns = perCampaign.length;
  const words = (campaigns + 1) * outcomeRow.recordWords;
  const calls = classRanges(offered.length).map((rows) => {
    return { ...rows, ...stored, campaigns, counts: memory.allocateZeroed(words * 8) };
  });
  await pool.run('countUnoffered', calls, campaigns * 4);
  const partCounts = calls.map(({ counts }) => memory.f64(counts, words).slice());
  memory.release(mark);
  return partCounts;
}

/** Entry of greatest value of each list. */
interface BestOfLists {
  /** Campaign of each item. */
  campaignOf: Uint32Array;
  /** First entry of greatest value of each list, i32[lists]. `unlisted` for an empty list, `mixed` for entries of several campaigns. */
  top: Int32Array;
}

function bestOfLists({ items, item, start, worth }: OfferProblem): BestOfLists {
  const campaignOf = Uint32Array.from(items, ({ campaign }) => campaign);
  const top = new Int32Array(start.length - 1).fill(unlisted);
  for (let l = 0; l < top.length; l++) {
    for (let e = start[l]!, end = start[l + 1]!; e < end && top[l] !== mixed; e++) {
      const best = top[l]!;
      if (best !== unlisted && campaignOf[item[e]!] !== campaignOf[item[best]!]) top[l] = mixed;
      else if (best === unlisted || worth[e]! > worth[best]!) top[l] = e;
    }
  }
  return { campaignOf, top };
}

/**
 * Finds, for each campaign, the entry with the greatest value to a class.
 * @param best f64[campaigns] out: the entry; `unlisted` if the campaign has none; `atRest` if all its entries are in cool-off
 * @returns whether the class has a list
 */
function bestOfCampaigns(
  { problem, best: search }: Allocation,
  classIndex: number,
  { best, listed: { campaignOf, top } }: { best: Float64Array; listed: BestOfLists },
): boolean {
  const { list, width, start, item, worth, rest } = problem;
  best.fill(unlisted);
  let isListed = false;
  for (let l = classIndex * width; l < (classIndex + 1) * width; l++) {
    const most = top[list[l]!]!;
    if (most === unlisted) continue;
    isListed = true;
    const isWhole = rest[classIndex] === 0 && most !== mixed;
    for (let e = isWhole ? most : start[list[l]!]!, end = isWhole ? most + 1 : start[list[l]! + 1]!; e < end; e++) {
      const campaign = campaignOf[item[e]!]!;
      const before = best[campaign]!;
      if (rest[classIndex] !== 0 && search.rests(classIndex, item[e]!)) {
        if (before === unlisted) best[campaign] = atRest;
      } else if (before < 0 || worth[e]! > worth[before]!) best[campaign] = e;
    }
  }
  return isListed;
}

/** Outcome in a campaign for customers who have offers, possibly of other campaigns. @param entry best entry of the campaign */
function fateOf(
  { items, item, worth, perCustomer }: OfferProblem,
  chosen: OfferShare['entries'],
  campaign: number,
  entry: number,
): OfferFate {
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
