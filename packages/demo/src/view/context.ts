import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { DemoBank, DemoProduct } from '../engine/bank.ts';
import { EngineClient, TaskError } from '../engine/client.ts';
import type { Reason } from '../engine/recommend.ts';
import { english, type Texts } from './english.ts';
import { korean } from './korean.ts';

/** State that all components of the page share. */
export interface PageState {
  language: Language;
  t: Texts;
  engine: EngineClient;
  bank: DemoBank;
  /** Products of the sample bank, by key. */
  products: ReadonlyMap<string, DemoProduct>;
}

/** Client of the page's only worker. */
export const engine = new EngineClient();

export const PageContext = createContext<PageState | null>(null);

/**
 * Returns the shared state of the page.
 * @throws Error outside the page's context provider
 */
export function usePage(): PageState {
  const page = useContext(PageContext);
  if (!page) throw new Error('no page around this part');
  return page;
}

/** Name of a product in the page's language. */
export function productLabel(product: DemoProduct, language: Language): string {
  return language === 'ko' ? product.name : product.english;
}

/** Number with thousands separators. */
export function formatted(value: number, language: Language): string {
  return value.toLocaleString(language === 'ko' ? 'ko-KR' : 'en-GB');
}

/** Probability as a percentage, with about two significant digits. */
export function chanceText(value: number): string {
  const digits = value >= 0.1 ? 0 : value >= 0.01 ? 1 : value >= 0.001 ? 2 : 3;
  return `${(100 * value).toFixed(digits)} %`;
}

/** Message of an error in the page's language, and a hint on how to correct it. */
export function taskProblem(error: unknown, language: Language): { message: string; hint: string } {
  if (!(error instanceof TaskError)) return { message: error instanceof Error ? error.message : String(error), hint: '' };
  const { key, values, message, hint } = error.failure;
  return key === null ? { message, hint } : { message: filled(texts[language].problem[key], values), hint };
}

export type Language = 'en' | 'ko';

/** Texts of the page, by language. */
export const texts: Readonly<Record<Language, Texts>> = { en: english, ko: korean };

/** Replaces each `{name}` in a text with the value of that name. */
export function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

/** Name of a feature in the page's language. */
export function featureName(feature: string, t: Texts): string {
  return t.features[feature] ?? (feature.startsWith('cluster ') ? t.cluster : feature);
}

/** Name of a feature's level in the page's language. */
export function levelLabel(feature: string, level: string, t: Texts): string {
  if (level === '(unknown)' || level === '(new)' || level === '') return t.notKnown;
  const label = t.levels[feature]?.[level];
  if (label !== undefined) return label;
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
