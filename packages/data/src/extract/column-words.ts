/** Splits texts at their blanks into one list of words. */
export function listOf(...texts: string[]): readonly string[] {
  return texts.flatMap((text) => text.split(' '));
}

/** Words, in lower case, for consent. They also mean other approvals, such as the approval of an overdraft. */
const approvalWords = listOf(
  'autoriza autorizacion autorización autorisation autorizacao autorização consentimiento consentement consentimento',
  'toestemming zgoda izin izni onay',
);

/** Words, in lower case, for an objection. They also have other meanings, such as the blocking of a lost card. */
const oppositionWords = listOf('oppos oposic opposition oposicion oposición oposicao oposição');

/** Words, in lower case, for contacting a customer. */
const addressWords = listOf(
  'marketing mailing publicidad publicidade publicite publicité pub werbung pazarlama reklam reklama reclame rgpd lopd',
  'comercial commercial commerciale prospection iletisim iletişim contact contacto contato kontakt newsletter',
  'mail email sms tel telefon telefono teléfono telefone telephone téléphone dm',
);

/** Words, in lower case, in the names of columns that give a customer's consent to be contacted. */
const addressConsents = listOf(
  'consent optin opt marketing agree agreed permission contactable mailing granted gdpr 동의 수신',
  'publicidad lopd werbung einwilligung dsgvo rgpd consenso samtycke samtykke suostumus',
  'souhlas hozzájárulás rıza 同意',
);

/** Words, in lower case, in the names of columns that forbid contacting a customer. */
const addressRefusals = listOf(
  'optout donot dnc refus block blocked objection unsubscribed deceased 거부 사망 robinson',
  'fallecid falecid verstorben gesperrt widerspr décédé decede decedut overleden geblokkeerd bezwaar',
  'avliden afdød zmarł sprzeciw vefat zemřel elhunyt 拒否 死亡',
);

/** Words, in lower case, in the names of columns that may give consent. They serve for proposals that a person checks. */
export const consentWords = [...addressConsents, ...approvalWords];

/**
 * Words, in lower case, in the names of columns that may forbid contacting a customer. They serve for proposals that a person
 * checks.
 */
export const refusalWords = [...addressRefusals, ...oppositionWords];

/** Words in a name, in lower case: `ClientID`, `client_id` and `CLIENT-ID` consist of client and id. */
export function wordsIn(name: string): string[] {
  return name
    .replace(/\.[a-z]+(\.gz)?$/i, '')
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}

/** Matches characters of scripts that write words without blanks between them. */
const unseparated = /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/**
 * How well a name matches the given words, 0 to 1. 1 if a given word or its plural is a word of the name, or the whole name.
 * 0.6 if a given word is part of a word of the name, or begins with a word of the name and continues into the next. Otherwise 0.
 */
export function wordScore(name: string, words: readonly string[]): number {
  const parts = wordsIn(name);
  const whole = parts.join('');
  // A match over several parts must begin where a part begins. So `do_not_call` matches donot, but `tipo_posicion` not oposic.
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

/**
 * Whether the name of a column says that it has consent or objection to being contacted. A word for approval or opposition counts
 * alone, or together with a word for contacting. For example, `toestemming` and `toestemming_mail` count, but not
 * `toestemming_incasso` (direct debits).
 */
export function isNamedConsent(name: string): boolean {
  if (wordScore(name, addressConsents) === 1 || wordScore(name, addressRefusals) > 0 || /동의|同意/.test(name)) return true;
  const ambiguous = wordScore(name, [...approvalWords, ...oppositionWords]);
  return ambiguous > 0 && (wordScore(name, addressWords) === 1 || (ambiguous === 1 && wordsIn(name).length === 1));
}
