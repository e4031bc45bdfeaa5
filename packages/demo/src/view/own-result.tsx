import type { OwnReason, OwnSummary, ProductSummary } from '../engine/own-summary.ts';
import { formatted, usePage } from './context.ts';
import { Download } from './download.tsx';
import type { Texts } from './english.ts';
import { OwnCustomerList } from './own-customer.tsx';
import { OwnVerdict } from './own-verdict.tsx';
import { Facts, LeftOut } from './result-parts.tsx';
import { ShareBar } from './share.tsx';
import { filled } from './texts.ts';

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
