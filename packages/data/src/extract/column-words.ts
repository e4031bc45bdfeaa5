/** Words of texts that separate them by blanks. */
export function listOf(...texts: string[]): readonly string[] {
  return texts.flatMap((text) => text.split(' '));
}

/** Words of consents that are also those of other approvals, such as of an overdraft, in lower case. */
const approvalWords = listOf(
  'autoriza autorizacion autorización autorisation autorizacao autorização consentimiento consentement consentimento',
  'toestemming zgoda izin izni onay',
);

/** Words of objections that are also those of other things, such as of lost cards, in lower case. */
const oppositionWords = listOf('oppos oposic opposition oposicion oposición oposicao oposição');

/** Words of addressing a customer, in lower case. */
const addressWords = listOf(
  'marketing mailing publicidad publicidade publicite publicité pub werbung pazarlama reklam reklama reclame rgpd lopd',
  'comercial commercial commerciale prospection iletisim iletişim contact contacto contato kontakt newsletter',
  'mail email sms tel telefon telefono teléfono telefone telephone téléphone dm',
);

/** Words in names of columns with a customer's consent to be addressed, in lower case. */
const addressConsents = listOf(
  'consent optin opt marketing agree agreed permission contactable mailing granted gdpr 동의 수신',
  'publicidad lopd werbung einwilligung dsgvo rgpd consenso samtycke samtykke suostumus',
  'souhlas hozzájárulás rıza 同意',
);

/** Words in names of columns that forbid addressing a customer, in lower case. */
const addressRefusals = listOf(
  'optout donot dnc refus block blocked objection unsubscribed deceased 거부 사망 robinson',
  'fallecid falecid verstorben gesperrt widerspr décédé decede decedut overleden geblokkeerd bezwaar',
  'avliden afdød zmarł sprzeciw vefat zemřel elhunyt 拒否 死亡',
);

/** Words in names of columns that may have a consent, in lower case: for proposals, which a person reads. */
export const consentWords = [...addressConsents, ...approvalWords];

/** Words in names of columns that may forbid addressing a customer, in lower case: for proposals, which a person reads. */
export const refusalWords = [...addressRefusals, ...oppositionWords];

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

/**
 * Whether a column has a consent or an objection to being addressed, by its name. An approval or opposition counts alone, or
 * with a word of addressing: `toestemming` and `toestemming_mail`, but not `toestemming_incasso`, of direct debits.
 */
export function isNamedConsent(name: string): boolean {
  if (wordScore(name, addressConsents) === 1 || wordScore(name, addressRefusals) > 0 || /동의|同意/.test(name)) return true;
  const ambiguous = wordScore(name, [...approvalWords, ...oppositionWords]);
  return ambiguous > 0 && (wordScore(name, addressWords) === 1 || (ambiguous === 1 && wordsIn(name).length === 1));
}
