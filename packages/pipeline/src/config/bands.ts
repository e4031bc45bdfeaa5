import type { SegmentConfig } from './schema.ts';

/** Band of a segment, as written in the config. */
export type BandConfig = Extract<SegmentConfig, { bands: unknown }>['bands'][number];

/** End of a band: at a value (`after` = 0), or just above that value (`after` = 1). */
type Bound = readonly [value: number, after: 0 | 1];

interface BandRange {
  index: number;
  label: string;
  from: Bound;
  to: Bound;
}

function compareBounds(a: Bound, b: Bound): number {
  return a[0] === b[0] ? a[1] - b[1] : a[0] < b[0] ? -1 : 1;
}

function intervalOf(band: BandConfig, index: number): BandRange | string {
  const { label, equals, from, above, to } = band;
  const numeric = [equals, from, above, to].some((bound) => bound !== undefined);
  if (band.null) return numeric ? '`null: true` excludes equals, from, above and to' : '';
  if (equals !== undefined) {
    if (from !== undefined || above !== undefined || to !== undefined) return '`equals` excludes from, above and to';
    return { index, label, from: [equals, 0], to: [equals, 1] };
  }
  if (from !== undefined && above !== undefined) return '`from` excludes `above`';
  if (!numeric) return 'expected `null`, `equals`, `from`, `above` or `to`';
  const lower: Bound = from !== undefined ? [from, 0] : above !== undefined ? [above, 1] : [-Infinity, 0];
  const upper: Bound = [to ?? Infinity, 0];
  return compareBounds(lower, upper) < 0
    ? { index, label, from: lower, to: upper }
    : 'the band is empty: it ends before it starts';
}

function boundText([value, after]: Bound): string {
  if (!Number.isFinite(value)) return value < 0 ? 'the smallest number' : 'the largest number';
  return after ? `just above ${value}` : String(value);
}

/**
 * Faults of the bands of a segment. Each number must be in exactly one band.
 * @returns problems, each with the position of the faulty band
 */
export function bandProblems(bands: readonly BandConfig[]): { index: number; message: string }[] {
  const problems: { index: number; message: string }[] = [];
  const intervals: BandRange[] = [];
  for (const [index, band] of bands.entries()) {
    const interval = intervalOf(band, index);
    if (typeof interval !== 'string') intervals.push(interval);
    else if (interval) problems.push({ index, message: interval });
    if (bands.findIndex((other) => other.label === band.label) < index)
      problems.push({ index, message: `label "${band.label}" is used twice` });
    if (band.null && bands.findIndex((other) => other.null) < index) problems.push({ index, message: 'a second band for null' });
  }
  if (problems.length > 0 || intervals.length === 0) return problems;
  intervals.sort((a, b) => compareBounds(a.from, b.from));
  let reached: Bound = [-Infinity, 0];
  let previous = 'the smallest number';
  for (const { index, label, from, to } of intervals) {
    const order = compareBounds(from, reached);
    if (order > 0)
      problems.push({ index, message: `a gap before "${label}": nothing from ${boundText(reached)} to ${boundText(from)}` });
    if (order < 0) problems.push({ index, message: `"${label}" overlaps "${previous}"` });
    if (compareBounds(to, reached) > 0) {
      reached = to;
      previous = label;
    }
  }
  if (reached[0] !== Infinity)
    problems.push({
      index: intervals.at(-1)!.index,
      message: `a gap after "${previous}": nothing from ${boundText(reached)} on`,
    });
  return problems;
}
