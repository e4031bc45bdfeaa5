import type { ConsentColumn } from '../snapshot/manifest.ts';

/** Meaning of yes in a column of customers, by its name. */
export type ConsentSense = ConsentColumn['sense'];

/** Pattern of any of these parts, separated by blanks. `_` is the end of a word of the name. */
function anyOf(...parts: string[]): RegExp {
  return new RegExp(parts.join(' ').split(' ').join('|'), 'g');
}

/** Objections, in names that `folded` has made. */
const objections = anyOf(
  'opt_?out _no(mail|sms|call|phone) (?<=opt_?in_)out do_?not _dont?_ _dn[cmse]_ unsub object(ed|ion|s_) objet(?!iv) objecao refus reject exclud exclusion esclus excluid',
  '(?<!un)block(ed|ing|list) block_(?=mark|mail|contact|call|sms|advert) _stop_ suppress supres robinson bloctel liste_rouge black_?list',
  'deceas _dead_ _death_ fallec falec defunt verstorben decede deces_ overleden avliden _afdod _dod_ zmarl _umrl zesnul zemrel elhunyt vefat obito _mort[oe]?_',
  'bloque bloqui gesperrt sperr(e_|list|verm) geblokkeerd blokad zablok blokov bezwaar widerspr sprzeciw namitk itiraz tiltakoz',
  'desinscri desabon abgemeldet odhlas wypisan rechaz recusa ausgeschlossen wyklucz vylouc zastrzez disagree nesouhlas niezgod',
  '거부 거절 사망 차단 수신(중지|금지|불가) [미비부불]동의 두낫콜 옵트아웃 원치않',
  '拒否 不同意 未同意 同意(なし|しない) 希望しない 死亡 オプトアウト お断り 拒绝 除外',
);

/** Words of an objection that also have other meanings, such as the blocking of a card. */
const oppositions = anyOf('oppos(?!ite|to) _oposic');

/** Negations before a consent or a word for contacting. */
const particles = anyOf(
  '_(no|not|non|nao|nicht|nie|ne|nem|nej|ej|ei|keine?|ohne|sans|sin|sem|senza|bez|zonder|geen|niet|inte|ikke|without|never|brak)_(?=.)',
  '_no(?=contact|market|solicit|email|consent) _ne(?=kontakt|oslov|volat) _un(?=contact|want) _non(?=consent) _dis(?=allow)',
);

/** Refusals and withdrawals, beside a consent or a word for contacting. */
const denials = anyOf(
  'withdr revo[ckq] declin denied denial deneg _retir cofnie cofnel wycof odvol odmit odmow widerruf herroep ingetrok aterkall abgelehnt verweig',
  'verbot untersag prohib proib forbid interdi zakaz zabran verbod forbud yasak 철회 중지 금지 불가 제외 撤回 不可 停止 禁止 不要',
);

/** Words after which a consent or an objection no longer holds. */
const voids = anyOf(
  'expir lapsed missing invalid cancel aufgehoben abgelaufen lifted resolved 취소 만료 해제 없음 取消 解除 失効',
);

const consents = anyOf(
  '_consent(s|ed)?_ opt_?in(?!g) _agree[ds]?_ _permission _contactable_ _granted_ einwillig _consenso samtyck samtykk suostum souhlas hozzajarul _riza',
  '동의 승낙 同意 承諾 許諾',
);

/** Words of a consent that also mean other approvals, such as that of an overdraft. */
const approvals = anyOf(
  'autoriz autoris authoris authoriz consentim consentem toestemming zgod _izin_ _izni_ _onay zustimm einverst erlaub',
  'genehmig akkoord 허용 許可',
);

/** Further approvals, which count beside a word for contacting alone. */
const acceptances = anyOf('accept acept aceit accord allow permit _ok_');

/** Words for contacting a customer. */
const contacting = anyOf(
  '_(tele)?marketing _mkt g?_mktg_ _mailings? _solicit _newsletter publici[dt] _pub_ werb reklam reclame advert _ads?_ _promo comercial commerc',
  'prospec demarch iletisim pazarlama _rgpd_ _gdpr_ _lopd_ _dsgvo_ contact contat kontakt _e?mail _sms_ _tel(_|ef|ep) _phone _call(s|ing)?_',
  '_dm_ _llamar _llamad _anruf _appel oslov obchodni handlow',
  '마케팅 광고 홍보 연락 문자 전화 권유 _dm メール 配信 案内 連絡 勧誘 営業 広告 宣伝 電話 マーケティング',
);

/** Words that alone may be a consent or an objection. */
const unsaid = anyOf(
  '_(tele)?marketing_ _mailing_ _newsletter _solicit publicid _werbung_ _opt_ _(gdpr|rgpd|lopd|dsgvo)_ 수신(_|여부|구분) 可否 勧誘',
);

/** Words that make it unsure what yes means beside a consent, such as that it was asked for. */
const qualifiers = anyOf('_(pending|required?|needed|asked|requested|reminder|source|unknown|or|out)_ 요청 필요 대상 要否 有無');

/** Words of a name that only say that it is a column of yes and no. */
const flagWords = anyOf('_(yn|flag|flg|ind|indicator|fl|is|has|여부|구분)_');

/** Name in lower case, without accents of Latin letters, with its words joined and surrounded by `_`. */
function folded(name: string): string {
  const plain = wordsIn(name)
    .join('_')
    .normalize('NFD')
    .replaceAll(/[\u0300-\u036F]/g, '')
    .normalize('NFC');
  const letters: Readonly<Record<string, string>> = { ł: 'l', ı: 'i', ø: 'o', ß: 'ss' };
  return `_${plain.replaceAll(/[łıøß]/g, (letter) => letters[letter]!)}_`;
}

const has = (text: string, ...groups: RegExp[]) => groups.some((words) => text.search(words) >= 0);
const countOf = (text: string, words: RegExp) => [...text.matchAll(words)].length;

/**
 * Meaning of yes in a column of customers, by its name. Undefined if the name says nothing about contacts. A double negation is
 * unsure, and so is a consent beside an objection.
 */
export function consentSense(name: string): ConsentSense | undefined {
  const text = folded(name);
  const isContact = has(text, contacting);
  // An approval counts if nothing else than contacts can be meant.
  const named = text
    .split('_')
    .filter((word) => word !== '' && !has(`_${word}_`, flagWords, denials, voids) && !has(`_${word}_x`, particles));
  const isAlone = isContact || named.length === 1;
  // Further words, other than the not of `do_not_call`, are looked for beside the objection.
  const rest = text.replace(objections, '_');
  const isConsent = has(rest, consents) || (isAlone && has(rest, approvals)) || (isContact && has(rest, acceptances));
  const negated = countOf(rest, particles) + countOf(rest, denials);
  const isVoid = has(rest, voids);
  if (rest !== text || (isAlone && has(text, oppositions))) return isConsent || isVoid || negated > 0 ? 'unsure' : 'says-no';
  if (isConsent)
    return negated + Number(isVoid) === 0 && !has(text, qualifiers) ? 'says-yes' : negatedSense(rest, negated + Number(isVoid));
  if (negated > 0 && isContact) return negatedSense(rest, negated);
  return has(text, unsaid) ? 'unsure' : undefined;
}

/** Sense of a negated consent or contact. A particle negates only what follows. */
function negatedSense(text: string, negations: number): ConsentSense {
  const particle = text.search(particles);
  const isBefore = particle < 0 || has(text.slice(particle + 1), consents, approvals, acceptances, contacting);
  return negations === 1 && isBefore && !has(text, qualifiers) ? 'says-no' : 'unsure';
}

/** Pairs of values that mean yes and no in lower case. */
const plainPairs = [
  ...['y n', 'yes no', 'true false', 't f', '1 0', 'ja nein', 'si no', 'sí no', 's n', 'sim não', 'sim nao', 'oui non', 'o n'],
  ...['j n', 'ja nee', 'ja nej', 'sì no', 'tak nie', 't n', 'a n', 'ano ne', 'igen nem', 'evet hayır', 'evet hayir', 'e h'],
  ...['예 아니오', 'はい いいえ', '有 無', '是 否'],
];
/** Pairs of values that say by themselves whether they are a consent. */
const sayingPairs = [
  ...['granted denied', 'granted withdrawn', 'granted revoked', 'grant revoke', 'given withdrawn', 'accepted declined'],
  ...[
    'opt_in opt_out',
    'opt-in opt-out',
    'optin optout',
    'in out',
    'agree disagree',
    'agreed refused',
    '동의 미동의',
    '동의 거부',
  ],
  ...['可 不可', '同意 拒否', 'subscribed unsubscribed'],
];
const yesAndNo = [...plainPairs, ...sayingPairs].map((pair) => pair.split(' ') as [string, string]);
const isPlainNo = (value: string) => plainPairs.some((pair) => pair.endsWith(` ${value.trim().toLowerCase()}`));

/** The values of a column that mean yes and no, and whether they say it by themselves. Undefined if it has no such pair. */
export function yesOf(values: readonly string[]): { yes: string; no: string | undefined; isSaid: boolean } | undefined {
  const byText = new Map(values.map((value) => [value.trim().toLowerCase(), value]));
  byText.delete('');
  for (const yes of new Set(yesAndNo.map(([value]) => value))) {
    const yesValue = byText.get(yes);
    const noes = yesAndNo.filter((pair) => pair[0] === yes).map((pair) => pair[1]);
    if (yesValue === undefined || ![...byText.keys()].every((value) => value === yes || noes.includes(value))) continue;
    const no = noes.find((value) => byText.has(value));
    const isSaid = sayingPairs.some((pair) => pair.startsWith(`${yes} `));
    return { yes: yesValue, no: no === undefined ? undefined : byText.get(no), isSaid };
  }
  return undefined;
}

/** A value with which customers may be contacted, if the column means what the reading says. Null: no value. */
interface ConsentReading {
  value: string | null;
  rows: number;
}

/** Meaning of a column about contacts: one reading if it is sure, both if it is not, and none if its values say nothing. */
export interface ConsentMeaning {
  sense: ConsentSense;
  readings: readonly ConsentReading[];
}

/**
 * Meaning of a column of customers.
 * @param sense by the name of the column
 * @param values values that occur, with their rows. Of a column of days: null for all of them
 * @param blank number of rows without a value
 */
export function consentMeaning(
  sense: ConsentSense,
  values: readonly { value: string; rows: number }[] | null,
  blank: number,
): ConsentMeaning {
  if (values === null) return { sense, readings: sense === 'says-no' ? [{ value: null, rows: blank }] : [] };
  const pair = yesOf(values.map(({ value }) => value));
  // No customer has objected: there is no yes.
  if (!pair) return { sense, readings: sense === 'says-no' && values.length === 1 && isPlainNo(values[0]!.value) ? values : [] };
  const reading = (text: string | undefined) => values.find(({ value }) => value === text);
  const yes = reading(pair.yes)!;
  const no = reading(pair.no) ?? { value: null, rows: blank };
  // An objection that is accepted, or withdrawn, is unsure.
  const said = !pair.isSaid ? sense : sense === 'says-no' ? 'unsure' : 'says-yes';
  const readings = said === 'says-yes' ? [yes] : said === 'says-no' ? [no] : [yes, no];
  return { sense: said, readings: readings.filter(({ value, rows }) => value !== null || rows > 0) };
}

/** Splits texts at their blanks into one list of words. */
export function listOf(...texts: string[]): readonly string[] {
  return texts.flatMap((text) => text.split(' '));
}

/** Words, in lower case, in the names of columns with the status of an account. */
export const statusWords = listOf(
  'status state stat 상태 estado situacion situación zustand état etat situacao situação',
  'stav stan stare stato tila állapot allapot durum tilstand tillstånd 状態 状況 状态',
);

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
