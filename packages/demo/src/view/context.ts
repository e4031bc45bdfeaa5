import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { DemoBank, DemoProduct } from '../engine/bank.ts';
import { EngineClient, TaskError } from '../engine/client.ts';
import type { Texts } from './english.ts';
import { filled, type Language, texts } from './texts.ts';

/** State shared by all parts of the page. */
export interface PageState {
  language: Language;
  t: Texts;
  engine: EngineClient;
  bank: DemoBank;
  /** Products by key. */
  products: ReadonlyMap<string, DemoProduct>;
}

/** Engine of the page: one worker. */
export const engine = new EngineClient();

export const PageContext = createContext<PageState | null>(null);

/** State of the page. */
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

/** Probability as a percentage, with two significant digits. */
export function chanceText(value: number): string {
  const digits = value >= 0.1 ? 0 : value >= 0.01 ? 1 : value >= 0.001 ? 2 : 3;
  return `${(100 * value).toFixed(digits)} %`;
}

/** Failure as a sentence and its remedy. */
export function taskProblem(error: unknown, language: Language): { message: string; hint: string } {
  if (!(error instanceof TaskError)) return { message: error instanceof Error ? error.message : String(error), hint: '' };
  const { key, values, message, hint } = error.failure;
  return key === null ? { message, hint } : { message: filled(texts[language].problem[key], values), hint };
}
