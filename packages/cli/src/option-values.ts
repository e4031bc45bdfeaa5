import { InvalidArgumentError } from 'commander';

/** Parses a whole number of at least 1. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,6}$/.test(text) || Number(text) < 1) throw new InvalidArgumentError('expected a whole number from 1');
  return Number(text);
}

/** Parses the number of an exit code. */
export function exitCodeNumber(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) > 255) throw new InvalidArgumentError('expected an exit code, 0 to 255');
  return Number(text);
}

/** Parses a share: above 0, and at most 1. */
export function shareNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= 1)) throw new InvalidArgumentError('expected a share above 0, at most 1');
  return value;
}

/** Possible forms of a date on the command line, for help texts and hints. */
export const dayForms = 'YYYY-MM-DD, `today`, `yesterday`, or `latest`: the newest day of the holdings';

/** Parses a date. `today` and `yesterday` become days in the machine's time zone (TZ). Any other text is returned unchanged. */
export function dayOfText(text: string): string {
  if (text !== 'today' && text !== 'yesterday') return text;
  const now = new Date();
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() - (text === 'today' ? 0 : 1));
  return [String(day.getFullYear()), ...[day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, '0'))].join(
    '-',
  );
}
