/** Words in names of columns with a customer's consent to be addressed, in lower case. */
export const consentWords: readonly string[] = [
  ...['consent', 'optin', 'opt', 'marketing', 'agree', 'agreed', 'permission', 'contactable', 'mailing', 'granted', 'gdpr'],
  ...['동의', '수신'],
];

/** Words in names of columns that forbid addressing a customer, in lower case. */
export const refusalWords: readonly string[] = [
  ...['optout', 'donot', 'dnc', 'refus', 'block', 'blocked', 'objection', 'unsubscribed', 'deceased', '거부', '사망'],
];

/** Parts of a name in lower case: `ClientID`, `client_id` and `CLIENT-ID` give client and id. */
export function wordsIn(name: string): string[] {
  return name
    .replace(/\.[a-z]+(\.gz)?$/i, '')
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}

/** Score of a name by these words: 1 if it has one as a separate part, 0.6 as a prefix or in Korean, else 0. */
export function wordScore(name: string, words: readonly string[]): number {
  const parts = wordsIn(name);
  const whole = parts.join('');
  let best = 0;
  for (const word of words) {
    const isPart = parts.some((part) => part === word || part === `${word}s` || part === `${word}ies`.replace('yies', 'ies'));
    if (isPart || whole === word) return 1;
    const isIn =
      word.length >= 4 || /\p{Script=Hangul}/u.test(word)
        ? whole.includes(word)
        : parts.some((part) => part.startsWith(word) && word.length >= 3);
    if (isIn) best = 0.6;
  }
  return best;
}
