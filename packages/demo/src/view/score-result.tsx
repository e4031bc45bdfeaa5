import type { ScoreSummary } from '../engine/protocol.ts';
import { filled, formatted, productLabel, usePage } from './context.ts';
import { Download, Facts, LeftOut, ShareBar } from './result-parts.tsx';

/** Results of scoring: speed, counts, products that start lists, excluded rows, and a button to download the lists. */
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
      <Facts facts={facts} />
      <h3>{t.firstPlaces}</h3>
      <ul class="shares first">
        {summary.first.map(({ product, customers }) => {
          const share = customers / targets;
          return (
            <li class="share" key={product}>
              <ShareBar
                title={productLabel(bank.products[product]!, language)}
                part={customers / summary.first[0]!.customers}
                value={`${(share * 100).toFixed(1)} %`}
              />
            </li>
          );
        })}
      </ul>
      {summary.read && <ScoreLeftOut read={summary.read} />}
      <Download task="download" name={`recommendations-${campaign}.csv`} label={t.download} />
    </div>
  );
}

/** Numbers of excluded rows of the file, by reason. */
function ScoreLeftOut({ read }: { read: NonNullable<ScoreSummary['read']> }) {
  const { t } = usePage();
  const { ended, later, noCustomer, unknownProduct, badDate } = read.leftOut;
  const names = read.unknownProducts.map(({ name, rows }) => `${name.slice(0, 40)} (${rows})`).join(', ');
  return (
    <LeftOut
      lines={[
        [ended, t.leftOutEnded],
        [later, t.leftOutLater],
        [noCustomer, t.leftOutNoCustomer],
        [badDate, t.leftOutDate],
        [unknownProduct, filled(t.leftOutUnknown, { names })],
      ]}
    />
  );
}
