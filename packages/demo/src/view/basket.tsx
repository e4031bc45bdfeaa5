import { required } from '@basketwise/core';
import type { Holding } from '../engine/bank.ts';
import { filled, productLabel, usePage } from './context.ts';

/** Holding that can be switched off, to show its effect on the list. */
export interface WhatIfHolding extends Holding {
  counted: boolean;
}

interface BasketProps {
  holdings: readonly WhatIfHolding[];
  /** Product classes in the campaign's baskets. */
  used: readonly string[];
  onChange: (holdings: WhatIfHolding[]) => void;
}

/** Editor of a customer's holdings: the recency band of each, and whether it counts. */
export function BasketEditor({ holdings, used, onChange }: BasketProps) {
  const { bank, products, language, t } = usePage();
  const change = (key: string, part: Partial<WhatIfHolding>) =>
    onChange(holdings.map((holding) => (holding.key === key ? { ...holding, ...part } : holding)));
  return (
    <ul class="basket">
      {holdings.map(({ key, band, counted }) => {
        const product = required(products, key);
        const name = productLabel(product, language);
        const isUsed = used.includes(product.class);
        return (
          <li key={key} class={counted ? '' : 'left-aside'}>
            <span class="name">
              {name}
              {language === 'en' && <small lang="ko">{product.name}</small>}
              <small>
                {t.classes[product.class] ?? product.class}
                {isUsed ? '' : ` · ${t.unused}`}
              </small>
            </span>
            <select
              aria-label={filled(t.recency, { name })}
              value={String(band)}
              onChange={(event) => change(key, { band: Number(event.currentTarget.value) })}
            >
              {bank.bands.map(({ within }, i) => (
                <option value={String(i)} key={within ?? ''}>
                  {within === null ? t.older : filled(t.within, { span: t.spans[within] ?? within })}
                </option>
              ))}
            </select>
            <label class="switch" title={filled(t.whatIf, { name })}>
              <input
                type="checkbox"
                aria-label={`${t.counted}: ${name}`}
                checked={counted}
                onChange={(event) => change(key, { counted: event.currentTarget.checked })}
              />
              <span aria-hidden="true">{t.counted}</span>
            </label>
            <button
              type="button"
              class="icon"
              aria-label={filled(t.remove, { name })}
              onClick={() => onChange(holdings.filter((holding) => holding.key !== key))}
            >
              ×
            </button>
          </li>
        );
      })}
    </ul>
  );
}
