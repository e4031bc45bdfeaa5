import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { DemoBank, DemoProduct } from '../engine/bank.ts';
import { EngineClient, TaskError } from '../engine/client.ts';
import type { Texts } from './english.ts';
import { filled, type Language, texts } from './texts.ts';

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
