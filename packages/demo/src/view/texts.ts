import { english, type Texts } from './english.ts';
import { korean } from './korean.ts';

export type Language = 'en' | 'ko';

/** Texts of the page, by language. */
export const texts: Readonly<Record<Language, Texts>> = { en: english, ko: korean };

/** Replaces each `{name}` in a text with the value of that name. */
export function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}
