import { required } from '@basketwise/core';
import type { CustomerRecommendation } from '../engine/recommend.ts';
import { chanceText, featureName, filled, levelLabel, productLabel, reasonText, usePage } from './context.ts';

import { ShareBar } from './result-parts.tsx';

/** Number of digits in scores and contributions. */
const digits = 3;

/**
 * List of recommendations, with the contribution of each held product to each score.
 * `before`: the list with all holdings, if some are switched off
 */
export function RecommendationList({
  list,
  before,
}: {
  list: readonly CustomerRecommendation[];
  before: readonly CustomerRecommendation[] | null;
}) {
  const page = usePage();
  const { bank, products, language, t } = page;
  const largest = Math.max(
    1e-9,
    ...list.flatMap(({ baseline, exact, contributions, features }) =>
      [baseline, exact, ...[...contributions, ...features].map(({ value }) => value)].map(Math.abs),
    ),
  );
  const gone = (before ?? []).filter(({ key }) => !list.some((item) => item.key === key));
  return (
    <>
      <ol class="recommendations">
        {list.map((item, rank) => {
          const product = required(products, item.key);
          return (
            <li key={item.key} data-product={product.code} data-score={item.score} data-probability={item.probability}>
              <div class="head">
                <span class="rank" aria-hidden="true">
                  {rank + 1}
                </span>
                <span class="name">
                  {productLabel(product, language)}
                  {language === 'en' && <small lang="ko">{product.name}</small>}
                  <small>
                    {product.code}
                    {product.onSale ? '' : ` · ${t.notOnSale}`}
                  </small>
                </span>
                {before && <Move rank={rank} before={before.findIndex(({ key }) => key === item.key)} />}
                <span class="score">
                  <small>{t.score} </small>
                  {item.score.toFixed(digits)}
                </span>
              </div>
              <p class="why">
                {item.probability !== null && (
                  <>
                    <strong>{chanceText(item.probability)}</strong>{' '}
                    {filled(t.probability, { span: t.spans[bank.window] ?? bank.window })}
                    {' · '}
                  </>
                )}
                {reasonText(item.reason, page)}
              </p>
              <ul class="shares">
                {item.contributions.map(({ key, value }) => (
                  <ScoreShare key={key} name={productLabel(required(products, key), language)} value={value} largest={largest} />
                ))}
                {item.exact !== 0 && <ScoreShare name={t.sameBasket} value={item.exact} largest={largest} />}
                {item.features.map(({ feature, level, value }) => (
                  <ScoreShare
                    key={feature}
                    name={`${featureName(feature, t)}: ${levelLabel(feature, level, t)}`}
                    value={value}
                    largest={largest}
                  />
                ))}
                <ScoreShare name={t.baseline} value={item.baseline} largest={largest} isBaseline />
              </ul>
            </li>
          );
        })}
      </ol>
      {gone.length > 0 && (
        <p class="hint">
          {filled(t.left, { names: gone.map(({ key }) => productLabel(required(products, key), language)).join(', ') })}
        </p>
      )}
    </>
  );
}

interface ScoreShareProps {
  name: string;
  value: number;
  largest: number;
  isBaseline?: boolean;
}

function ScoreShare({ name, value, largest, isBaseline = false }: ScoreShareProps) {
  return (
    <li class={`share ${isBaseline ? 'baseline' : ''} ${value < 0 ? 'negative' : ''}`}>
      <ShareBar title={name} part={Math.abs(value) / largest} value={value.toFixed(digits)} />
    </li>
  );
}

function Move({ rank, before }: { rank: number; before: number }) {
  const { t } = usePage();
  if (before === rank) return null;
  if (before < 0) return <span class="move up">{t.entered}</span>;
  const isUp = rank < before;
  return (
    <span class={`move ${isUp ? 'up' : 'down'}`}>
      <span aria-hidden="true">{isUp ? '▲' : '▼'} </span>
      {filled(isUp ? t.up : t.down, { count: Math.abs(rank - before) })}
    </span>
  );
}
