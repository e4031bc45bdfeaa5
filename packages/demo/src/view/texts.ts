import { english, type Texts } from './english.ts';
import { korean } from './korean.ts';

export type Language = 'en' | 'ko';

/** Texts by language. */
export const texts: Readonly<Record<Language, Texts>> = { en: english, ko: korean };

/** Inserts values into the `{places}` of a text. */
export function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}
