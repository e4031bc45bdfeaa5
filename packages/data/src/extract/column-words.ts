/** Words of texts that separate them by blanks. */
export function listOf(...texts: string[]): readonly string[] {
  return texts.flatMap((text) => text.split(' '));
}

/** Words in names of columns with a customer's consent to be addressed, in lower case. */
export const consentWords = listOf(
  'consent optin opt marketing agree agreed permission contactable mailing granted gdpr 동의 수신',
  'publicidad consentimiento autoriza autorizacion autorización lopd werbung einwilligung dsgvo consentement',
  'autorisation rgpd consentimento autorizacao autorização consenso toestemming zgoda samtycke samtykke suostumus',
  'souhlas hozzájárulás izin izni onay rıza 同意',
);

/** Words in names of columns that forbid addressing a customer, in lower case. */
export const refusalWords = listOf(
  'optout donot dnc refus block blocked objection unsubscribed deceased 거부 사망 robinson',
  'oppos oposic fallecid falecid verstorben gesperrt widerspr décédé decede decedut overleden geblokkeerd bezwaar',
  'avliden afdød zmarł sprzeciw vefat zemřel elhunyt 拒否 死亡',
);

/** Parts of a name in lower case: `ClientID`, `client_id` and `CLIENT-ID` give client and id. */
export function wordsIn(name: string): string[] {
  return name
    .replace(/\.[a-z]+(\.gz)?$/i, '')
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}

/** Scripts whose words are not separated. */
const unseparated = /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/** Score of a name by these words: 1 if it has one as a separate part, 0.6 within a part or over several, else 0. */
export function wordScore(name: string, words: readonly string[]): number {
  const parts = wordsIn(name);
  const whole = parts.join('');
  // A word over several parts begins one: `do_not_call` has donot, `tipo_posicion` has no oposic.
  const isWithin = (word: string) => parts.some((part, i) => part.includes(word) || parts.slice(i).join('').startsWith(word));
  let best = 0;
  for (const word of words) {
    const isPart = parts.some((part) => part === word || part === `${word}s` || part === `${word}ies`.replace('yies', 'ies'));
    if (isPart || whole === word) return 1;
    const isIn =
      word.length >= 4 || unseparated.test(word)
        ? isWithin(word)
        : parts.some((part) => part.startsWith(word) && word.length >= 3);
    if (isIn) best = 0.6;
  }
  return best;
}
