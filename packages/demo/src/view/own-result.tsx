import type { OwnReason, OwnSummary, ProductSummary } from '../engine/own-summary.ts';
import { filled, formatted, usePage } from './context.ts';
import type { Texts } from './english.ts';
import { OwnCustomerList } from './own-customer.tsx';
import { Download, Facts, LeftOut, ShareBar } from './result-parts.tsx';

/** Maximum number of products that are shown. */
const shown = 20;

/** Results of training: the verdict, counts, products with their main reasons, and the list of one customer. */
export function OwnResult({ summary }: { summary: OwnSummary }) {
  const { language, t } = usePage();
  const { counts, customers, targets, products, baskets, seconds } = summary;
  const number = (value: number) => formatted(value, language);
  const facts: [string, string][] = [
    [number(customers), t.own.customers],
    [number(targets), t.own.targets],
    [number(counts.holdings), t.own.holdings],
    [number(products), t.own.productCount],
    [number(baskets), t.own.baskets],
    [(seconds.read + seconds.train).toFixed(1), filled(t.own.seconds, { read: seconds.read.toFixed(1) })],
  ];
  return (
    <div class="result own-result" data-read={seconds.read} data-train={seconds.train}>
      <h2>{t.own.trained}</h2>
      <OwnVerdict summary={summary} />
      <Facts facts={facts} />
      <OwnLeftOut counts={counts} />
      <h3>{t.own.products}</h3>
      <p class="hint">{t.own.productsHelp}</p>
      <ol class="listed">
        {summary.listed.slice(0, shown).map((product) => (
          <Listed key={product.code} product={product} most={summary.listed[0]!.first} served={summary.served} />
        ))}
      </ol>
      {summary.listed.length > shown && (
        <p class="hint">{filled(t.own.moreProducts, { count: summary.listed.length - shown })}</p>
      )}
      {summary.members.length > 0 && <ComponentWeights summary={summary} />}
      <OwnCustomerList customers={customers} key={`${summary.date} ${targets} ${seconds.train}`} />
      <Download task="downloadOwn" name="recommendations.csv" label={t.own.download} />
    </div>
  );
}

/** Numbers of excluded rows by reason, if any row was excluded. */
function OwnLeftOut({ counts }: Pick<OwnSummary, 'counts'>) {
  const { t } = usePage();
  const some = Object.entries(counts.leftOut).filter(([, count]) => count > 0);
  if (some.length === 0) return null;
  return <LeftOut lines={some.map(([reason, count]) => [count, t.own.leftOut[reason as keyof typeof counts.leftOut]])} />;
}

/** Text of a reason. */
function ownReasonText({ holds }: Pick<OwnReason, 'holds'>, t: Texts): string {
  if (holds === null) return t.own.popular;
  return typeof holds === 'string' ? t.own[holds] : filled(t.own.holds, { name: holds.name });
}

function Listed({ product, most, served }: { product: ProductSummary; most: number; served: number }) {
  const { language, t } = usePage();
  const { code, name, listed, first, expected, reasons } = product;
  const percent = (count: number, of: number) => `${((100 * count) / Math.max(1, of)).toFixed(1)} %`;
  const why = reasons.map((reason) =>
    filled(t.own.ofLists, { reason: ownReasonText(reason, t), share: percent(reason.customers, listed) }),
  );
  const counts = [
    filled(t.own.listed, { count: formatted(listed, language) }),
    ...(expected === null ? [] : [filled(t.own.expected, { count: expected.toFixed(expected < 10 ? 1 : 0) })]),
  ];
  const label = (
    <>
      {name}
      {name !== code && <small> {code}</small>}
    </>
  );
  return (
    <li data-product={code}>
      <div class="share">
        <ShareBar title={name} label={label} part={first / Math.max(1, most)} value={percent(first, served)} />
      </div>
      <small>
        {counts.join(', ')}. {filled(t.own.why, { reasons: why.join(', ') })}
      </small>
    </li>
  );
}

function ComponentWeights({ summary: { members } }: { summary: OwnSummary }) {
  const { t } = usePage();
  const most = members[0]!.weight;
  return (
    <>
      <h3>{t.own.weights}</h3>
      <p class="hint">{t.own.weightsHelp}</p>
      <ul class="shares first">
        {members.map(({ name, weight }) => (
          <li class="share" key={name}>
            <ShareBar title={t.own.members[name] ?? name} part={weight / most} value={weight.toFixed(2)} />
          </li>
        ))}
      </ul>
    </>
  );
}

const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;

/** Result of the test: whether the lists are better than the popularity baselines, in words and as an interval. */
function OwnVerdict({ summary: { verdict, tested } }: { summary: OwnSummary }) {
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
