import type { ScoreSummary } from '../engine/protocol.ts';
import { formatted, nameOf, usePage } from './context.ts';
import { Download } from './download.tsx';
import { filled } from './texts.ts';

/** Results of scoring: speed, counts, products in first place, what was left out, and the file to take away. */
export function ScoreResult({ summary, campaign }: { summary: ScoreSummary; campaign: string }) {
  const { bank, language, t } = usePage();
  const { customers, milliseconds, targets } = summary;
  const number = (value: number) => formatted(value, language);
  const facts: [string, string][] = [
    [number(Math.round(customers / (milliseconds.total / 1000))), t.perSecond],
    [number(Math.round(targets / (milliseconds.score / 1000))), t.perSecondScore],
    [number(customers), t.customers],
    [number(targets), t.targets],
    [number(summary.holdings), t.holdings],
    [number(summary.baskets), t.baskets],
    [(milliseconds.total / 1000).toFixed(1), t.seconds],
  ];
  return (
    <div class="result" data-rate={customers / (milliseconds.total / 1000)} data-score-milliseconds={milliseconds.score}>
      <h3>{t.done}</h3>
      <dl class="facts">
        {facts.map(([value, label]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <h3>{t.firstPlaces}</h3>
      <ul class="shares first">
        {summary.first.map(({ product, customers }) => {
          const share = customers / targets;
          return (
            <li class="share" key={product}>
              <span class="label" title={nameOf(bank.products[product]!, language)}>
                {nameOf(bank.products[product]!, language)}
              </span>
              <span class="track" aria-hidden="true">
                <span class="bar" style={{ width: `${(share / (summary.first[0]!.customers / targets)) * 100}%` }} />
              </span>
              <span class="value">{(share * 100).toFixed(1)} %</span>
            </li>
          );
        })}
      </ul>
      {summary.read && <LeftOut read={summary.read} />}
      <Download task="download" name={`recommendations-${campaign}.csv`} label={t.download} />
    </div>
  );
}

function LeftOut({ read }: { read: NonNullable<ScoreSummary['read']> }) {
  const { language, t } = usePage();
  const { ended, later, noCustomer, unknownProduct, badDate } = read.leftOut;
  const names = read.unknownProducts.map(({ name, rows }) => `${name.slice(0, 40)} (${rows})`).join(', ');
  const lines = [
    [ended, t.leftOutEnded],
    [later, t.leftOutLater],
    [noCustomer, t.leftOutNoCustomer],
    [badDate, t.leftOutDate],
    [unknownProduct, filled(t.leftOutUnknown, { names })],
  ] as const;
  const some = lines.filter(([count]) => count > 0);
  return (
    <div class="left-out">
      <h3>{t.leftOut}</h3>
      {some.length === 0 ? (
        <p>{t.none}</p>
      ) : (
        <ul>
          {some.map(([count, label]) => (
            <li key={label}>
              {formatted(count, language)} {label}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
