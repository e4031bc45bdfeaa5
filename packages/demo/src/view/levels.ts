import type { Reason } from '../engine/recommend.ts';
import { type PageState, productLabel } from './context.ts';
import type { Texts } from './english.ts';
import { filled } from './texts.ts';

/** Name of a feature in the page's language. */
export function featureName(feature: string, t: Texts): string {
  return t.features[feature] ?? (feature.startsWith('cluster ') ? t.cluster : feature);
}

/** Name of a feature's level in the page's language. */
export function levelLabel(feature: string, level: string, t: Texts): string {
  if (level === '(unknown)' || level === '(new)' || level === '') return t.notKnown;
  const known = t.levels[feature]?.[level];
  if (known !== undefined) return known;
  if (feature === 'age_sex') {
    const [age, sex] = level.split(' | ') as [string, string];
    return `${levelLabel('age', age, t)}, ${levelLabel('sex', sex, t)}`;
  }
  const [, below, from, to, more] = /^(?:below (\d+)|(\d+) to below (\d+)|(\d+) and more)$/.exec(level) ?? [];
  if (below !== undefined) return filled(t.below, { to: below });
  if (from !== undefined && to !== undefined) return filled(t.fromTo, { from, to });
  return more === undefined ? level : filled(t.andMore, { from: more });
}

/** Text of a recommendation's reason in the page's language, for products of the sample bank. */
export function reasonText(reason: Reason, { products, language, t }: PageState): string {
  if (reason.of === 'popular') return t.becausePopular;
  if (reason.of === 'same products') return t.becauseSame;
  if (reason.of === 'no products') return t.becauseNone;
  if (reason.of === 'feature') {
    const { feature, level } = reason;
    return filled(t.becauseLike, { feature: featureName(feature, t), level: levelLabel(feature, level, t) });
  }
  const product = products.get(reason.code);
  return filled(t.because, { name: product ? productLabel(product, language) : reason.code });
}
