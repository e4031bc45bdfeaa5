import type { OwnSummary } from '../engine/own-summary.ts';
import { formatted, usePage } from './context.ts';
import { filled } from './texts.ts';

const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;

/** Result of the test: whether the lists are better than the popularity baselines, in words and as an interval. */
export function OwnVerdict({ summary: { verdict, tested } }: { summary: OwnSummary }) {
  const { language, t } = usePage();
  if (verdict === null) return <p class="note verdict">{filled(t.own.tooFew, { tested: formatted(tested, language) })}</p>;
  const { against, gap, ndcg, window } = verdict;
  const said = { better: t.own.better, worse: t.own.worse, level: t.own.level, unknown: t.own.level }[verdict.verdict];
  const figures = { ndcg: ndcg.toFixed(3), other: (ndcg - gap.mean).toFixed(3) };
  const interval = { gap: signed(gap.mean), low: signed(gap.low), high: signed(gap.high) };
  const count = formatted(verdict.tested, language);
  return (
    <div class={`verdict ${verdict.verdict}`} data-ndcg={ndcg} data-gap={gap.mean} data-low={gap.low} data-high={gap.high}>
      <p>
        <strong>{filled(said, { against: t.own.members[against] ?? against })}</strong>{' '}
        {filled(t.own.figures, { ...figures, ...interval })}
      </p>
      <IntervalLine {...gap} label={filled(t.own.interval, interval)} />
      <p class="hint">
        {window.folds === undefined
          ? filled(t.own.dated, { at: window.at, from: window.from, to: window.to, tested: count })
          : filled(t.own.undated, { tested: count })}
      </p>
    </div>
  );
}

/** Line of an interval with its mean. The vertical line at 0 is the popularity baseline. */
function IntervalLine({ mean, low, high, label }: { mean: number; low: number; high: number; label: string }) {
  const [from, to] = [Math.min(0, low), Math.max(0, high)];
  const room = Math.max(1e-6, to - from) * 0.08;
  const x = (value: number) => ((value - from + room) / (to - from + 2 * room)) * 400;
  return (
    <svg class="interval" viewBox="0 0 400 34" role="img" aria-label={label}>
      <line class="zero" x1={x(0)} x2={x(0)} y1={2} y2={32} />
      <line class="range" x1={x(low)} x2={x(high)} y1={17} y2={17} />
      <circle class="mean" cx={x(mean)} cy={17} r={6} />
    </svg>
  );
}
