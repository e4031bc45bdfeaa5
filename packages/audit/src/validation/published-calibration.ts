import { publishedCount, publishedMiddle, publishedParts, publishedValue, smallestPublished } from '@basketwise/data/base';
import type { ProbabilityQuality } from '@basketwise/insight';
import { publishedRatioOf, publishedScores } from '@basketwise/pipeline';
import { brierParts, type EntryGroup } from './brier-parts.ts';
import { type CampaignTally, customersAtOnce, type TalliedGroup, windowName } from './campaign-tally.ts';
import type { ValidationFile } from './validation-file.ts';

type Calibration = ValidationFile['calibration'][number];

/** Publishable calibration of a group of entries: purchases, expected purchases, and their ratio from the published numbers. */
export function publishedGroup(
  label: string,
  { bought, expected }: EntryGroup,
  customers: number | null,
): Calibration['groups'][number] {
  const shown = { bought: publishedCount(bought), expected: publishedCount(expected) };
  return { label, customers, ...shown, ...publishedRatioOf(shown.bought, shown.expected) };
}

/** Number of products with a table row of their own. All other products are too rare to judge, and share a row. */
const shownProducts = 30;

/** Groups of the products with the most expected purchases. All other products are merged into one group. */
function commonProducts(groups: ReadonlyMap<string, TalliedGroup>): Map<string, TalliedGroup> {
  const all = [...groups].sort(([a, one], [b, other]) => other.expected - one.expected || (a < b ? -1 : 1));
  const rare = all.slice(shownProducts).map(([, group]) => group);
  const sum = (of: keyof EntryGroup | 'customers') => rare.reduce((total, group) => total + group[of], 0);
  const others = { customers: sum('customers'), pairs: sum('pairs'), bought: sum('bought'), expected: sum('expected') };
  const most = rare.reduce((total, group) => total + customersAtOnce(group), 0);
  return new Map([
    ...all.slice(0, shownProducts),
    ...(rare.length === 0 ? [] : [['other products', { ...others, most }] as const]),
  ]);
}

/** Calibration of the groups of a dimension. */
function calibrationBy(campaign: string, by: string, groups: ReadonlyMap<string, TalliedGroup>): Calibration {
  const all = [...groups];
  // Windows have the same customers, so that a sum over windows does not show whether a group is large enough to publish.
  const isShown = publishedParts(all.map(([, group]) => customersAtOnce(group))).map((size) => size !== null);
  const sizes = publishedParts(all.map(([, { customers }]) => customers));
  const published = all.flatMap(([label, group], i) => (isShown[i] ? [publishedGroup(label, group, sizes[i]!)] : []));
  return { campaign, by, groups: published, small: all.length - published.length };
}

/** Groups of entries by tenths of their probability, the lowest probabilities first. */
function tenthsOf({ reliability }: ProbabilityQuality): EntryGroup[] {
  return reliability.map(({ pairs, predicted, observed }) => ({
    pairs,
    expected: predicted * pairs,
    bought: Math.round((observed ?? 0) * pairs),
  }));
}

/** Calibration of a campaign: of all entries, by tenths of probability, and by groups of customers. Empty without probabilities. */
export function publishedCalibration(campaign: string, tally: CampaignTally): Calibration[] {
  const quality = tally.judge.quality();
  if (quality === null) return [];
  const tenths = tenthsOf(quality).map((group, i) => publishedGroup(`${i + 1}`, group, null));
  return [
    { campaign, by: 'all', groups: [publishedGroup('all', quality, null)], small: 0 },
    { campaign, by: 'tenth', groups: tenths, small: 0 },
    ...[...tally.groups]
      .filter(([by, groups]) => by !== windowName || groups.size > 1)
      .map(([by, groups]) => calibrationBy(campaign, by, by === 'product' ? commonProducts(groups) : groups)),
  ];
}

type Brier = ValidationFile['brier'][number];

/** Tenths of the probability, the lowest joined until each group has at least ten purchases, found and expected. */
function joinedTenths(tenths: readonly EntryGroup[]): EntryGroup[] {
  const joined: EntryGroup[] = [];
  let open: EntryGroup = { pairs: 0, bought: 0, expected: 0 };
  for (const { pairs, bought, expected } of tenths) {
    open = { pairs: open.pairs + pairs, bought: open.bought + bought, expected: open.expected + expected };
    if (Math.min(open.bought, open.expected) < smallestPublished) continue;
    joined.push(open);
    open = { pairs: 0, bought: 0, expected: 0 };
  }
  const last = joined.pop();
  if (last === undefined) return [open];
  return [
    ...joined,
    { pairs: last.pairs + open.pairs, bought: last.bought + open.bought, expected: last.expected + open.expected },
  ];
}

/** Parts of a Brier score from the published numbers of joined tenths; nulls if one of these numbers is suppressed. */
function publishedBrierParts(all: readonly EntryGroup[]): Pick<Brier, 'reliability' | 'resolution'> {
  const tenths = joinedTenths(all);
  const shown = tenths.flatMap((group) => {
    const [pairs, bought, expected] = [group.pairs, group.bought, group.expected].map((number) => publishedCount(number));
    if (!pairs || bought === null || expected === null) return [];
    return [{ pairs: publishedMiddle(pairs), bought: publishedMiddle(bought!), expected: publishedMiddle(expected!) }];
  });
  if (shown.length < tenths.length) return { reliability: null, resolution: null };
  const { reliability, resolution } = brierParts(shown);
  return { reliability: publishedValue(reliability), resolution: publishedValue(resolution) };
}

/** Brier score of a campaign with its parts; null without probabilities, or if there are too few purchases to publish it. */
export function publishedBrier(campaign: string, tally: CampaignTally): Brier | null {
  const quality = tally.judge.quality();
  const bought = publishedCount(quality?.bought ?? 0);
  if (quality === null || !bought) return null;
  const { expected, brier, brierOfRate } = quality;
  const pairs = publishedCount(quality.pairs) ?? 0;
  const { brier: score, brierOfRate: uncertainty } = publishedScores({ pairs, bought, expected, brier, brierOfRate });
  return score === null ? null : { campaign, score, ...publishedBrierParts(tenthsOf(quality)), uncertainty };
}
