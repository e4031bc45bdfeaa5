import { publishedCount, publishedParts, publishedValue } from '@basketwise/data/published';
import { brierParts, calibrationRatio, type EntryGroup, type Ratio } from './calibration-ratio.ts';
import type { CampaignTally, TalliedGroup } from './campaign-tally.ts';
import type { ValidationFile } from './validation-file.ts';

type Calibration = ValidationFile['calibration'][number];

/** A ratio with three digits. */
export function publishedRatio(ratio: Ratio | null): Ratio | null {
  if (ratio === null) return null;
  return { value: publishedValue(ratio.value), low: publishedValue(ratio.low), high: publishedValue(ratio.high) };
}

/** A group of entries with its ratio, which is omitted with few purchases: times the expectation it would reveal them. */
function publishedGroup(
  label: string,
  { bought, expected }: EntryGroup,
  customers: number | null,
): Calibration['groups'][number] {
  const shown = publishedCount(bought);
  const ratio = shown === null ? null : publishedRatio(calibrationRatio(bought, expected));
  return { label, customers, bought: shown, expected: publishedCount(expected), ratio };
}

/** Products with a line each; the others are too rare to judge. */
const shownProducts = 30;

/** The products with the most expected purchases; the others as one group. */
function commonProducts(groups: ReadonlyMap<string, TalliedGroup>): Map<string, TalliedGroup> {
  const all = [...groups].sort(([a, one], [b, other]) => other.expected - one.expected || (a < b ? -1 : 1));
  const rest = all.slice(shownProducts).map(([, group]) => group);
  const sum = (of: keyof TalliedGroup) => rest.reduce((total, group) => total + group[of], 0);
  const others = { customers: sum('customers'), pairs: sum('pairs'), bought: sum('bought'), expected: sum('expected') };
  return new Map([...all.slice(0, shownProducts), ...(rest.length === 0 ? [] : [['other products', others] as const])]);
}

/** The calibration of a dimension's groups. */
function calibrationBy(campaign: string, by: string, groups: ReadonlyMap<string, TalliedGroup>): Calibration {
  const all = [...groups];
  const sizes = all.map(([, { customers }]) => customers);
  const shown = publishedParts(
    sizes,
    sizes.reduce((sum, size) => sum + size, 0),
  );
  const published = all.flatMap(([label, group], i) => (shown[i] === null ? [] : [publishedGroup(label, group, shown[i]!)]));
  return { campaign, by, groups: published, small: all.length - published.length };
}

/** Entries by tenth of their probability, the lowest first. */
function tenthsOf({ judge }: CampaignTally): EntryGroup[] {
  const lines = judge.quality()?.reliability ?? [];
  return lines.map(({ pairs, predicted, observed }) => ({
    pairs,
    expected: predicted * pairs,
    bought: Math.round((observed ?? 0) * pairs),
  }));
}

/** Calibration of a campaign: all entries, tenths, and groups of customers. Empty without probabilities. */
export function publishedCalibration(campaign: string, tally: CampaignTally): Calibration[] {
  const quality = tally.judge.quality();
  if (quality === null) return [];
  const tenths = tenthsOf(tally).map((group, i) => publishedGroup(`${i + 1}`, group, null));
  return [
    { campaign, by: 'all', groups: [publishedGroup('all', quality, null)], small: 0 },
    { campaign, by: 'tenth', groups: tenths, small: 0 },
    ...[...tally.groups].map(([by, groups]) => calibrationBy(campaign, by, by === 'product' ? commonProducts(groups) : groups)),
  ];
}

/** The Brier score of a campaign with its parts; null without probabilities, or with few purchases. */
export function publishedBrier(campaign: string, tally: CampaignTally): ValidationFile['brier'][number] | null {
  const quality = tally.judge.quality();
  if (quality === null || !publishedCount(quality.bought)) return null;
  const { reliability, resolution, uncertainty } = brierParts(tenthsOf(tally));
  const round = (value: number) => publishedValue(value);
  return {
    campaign,
    ...{
      score: round(quality.brier),
      reliability: round(reliability),
      resolution: round(resolution),
      uncertainty: round(uncertainty),
    },
  };
}
