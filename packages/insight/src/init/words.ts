import { listOf, statusWords, wordScore, wordsIn } from '@basketwise/data';

/**
 * Words in the names of banks' columns by meaning, in lower case, in English, German, Spanish, French, Portuguese and Korean. See
 * `wordScore` for how names match.
 */
const words = {
  customer: listOf(
    'customer cust client cli member party person holder csno cif kunde 고객 손님 titular socio inhaber titulaire',
    'pessoa 회원',
  ),
  product: listOf('product prod item goods gds offering article produkt 상품 catalog katalog catálogo tarif artikel'),
  holding: listOf(
    'holding account acct contract agreement position arrangement polic konto vertrag 계좌 보유 계약 contrato contrat',
    'cuenta compte posicion posición poliza póliza verträg vertraeg bestand',
  ),
  id: listOf('id no nr num number key code cd ref 번호 코드 cod codigo código clave numero número nummer'),
  name: listOf(
    'name nm title label desc description bezeichnung 명 이름 nombre nome denominacion denominación libelle libellé',
    'intitule intitulé descri designa 상품명',
  ),
  class: listOf(
    'class category cat family line type kind group sort art 분류 구분 종류 유형 familia famille família clase classe',
    'klasse tipo linea línea gama gamme gruppe grupo groupe sparte ramo 상품군 계열',
  ),
  group: listOf('equivalence equiv renewal successor'),
  opened: listOf(
    'open opened start begin inception issued signed activated since from eroeffn 신규 개설 가입 시작 apertura alta',
    'inicio contratacion contratación firma beginn abschluss eröffn ouverture ouvert debut début souscription',
    'abertura início adesao adesão',
  ),
  closed: listOf(
    'close closed end ended cancel cancelled terminat until expir matur to 해지 종료 만기 cierre baja cancelacion',
    'cancelación fin vencimiento ende gekündigt gekuendigt kündig kuendig geschlossen cloture clôture fermeture',
    'resiliation résiliation echeance échéance encerramento fechamento cancelamento termino término 해약',
  ),
  saleStart: listOf(
    'start begin launch from since 시작 판매시작 출시 inicio desde lanzamiento beginn ab debut début lancement início',
  ),
  saleEnd: listOf(
    'end until withdrawn discontinu retired to stop 종료 판매종료 fin baja hasta bis ende retirada fim konec koniec wycof fine eind 終了',
  ),
  joined: listOf(
    'since join joined onboard regist registered signup created enrol open opened 가입 등록 alta antiguedad',
    'antigüedad ingreso eintritt seit beitritt entree entrée depuis inscription adhesion adesao adesão desde',
    'cadastro',
  ),
  recorded: listOf(
    'update updated load loaded etl modified changed batch extract insert inserted 수정 적재 actualizacion',
    'actualización carga modificacion modificación geändert geaendert aktualis maj atualizacao atualização 갱신',
    'change zmen změn zmian modif módosít gewijzigd mutatie variazione değişiklik ändrad ændret 변경 変更 更新 изменен',
  ),
  snapshot: listOf('snapshot asof month valuation stichtag 기준 기준일'),
  birth: listOf('birth born dob geburt 생년월일 생일 nacimiento nac naissance nascimento nasc'),
  sex: listOf('sex gender geschlecht 성별 sexo sexe genero género genre'),
  status: statusWords,
  sold: listOf('active sale sold sellable available offered 판매 vigente venta verkauf vente venda comercializ'),
  contact: listOf(
    'contact campaign call outreach interaction channel llamada campaña campana canal kontakt kampagne anruf kanal',
    'campagne appel contato campanha 접촉 상담 캠페인 채널',
  ),
  answer: listOf('result answer response outcome reply respuesta ergebnis antwort resposta réponse reponse résultat 결과 응답'),
  purpose: listOf('purpose channel topic type kind scope 용도'),
} as const;

/** Name of a group of words with the same meaning. */
export type Words = keyof typeof words;

/**
 * How well a name matches the words of a meaning. 1 if one of the words is a word of the name. 0.6 if one is within a word of the
 * name, or across several. Otherwise 0.
 */
export function kindScore(name: string, kind: Words): number {
  return wordScore(name, words[kind]);
}

/** Similarity of two names: the share of words that they have in common, 0 to 1. */
export function likeness(one: string, other: string): number {
  const [a, b] = [new Set(wordsIn(one)), new Set(wordsIn(other))];
  const both = [...a].filter((part) => b.has(part) || b.has(`${part}s`) || b.has(part.replace(/s$/, ''))).length;
  return both / Math.max(1, Math.min(a.size, b.size), Math.max(a.size, b.size) - 1);
}

/** The word active in many languages. */
const active = '(?:a[ck]t[ií]f|a[ck]tief|a[ck]t[iíy][vw]|at+iv|актив)\\p{L}*';
/** Values of a status that mean that a product is held. */
const live = new RegExp(
  `^(?:${[
    `${active}|a|act|open(?:ed)?|live|current|normal|in ?force|running|vigente|abiert[oa]|aberto|aberta|apert[oa]|en vigor|offen|laufend`,
    'ouvert|en cours|lopend|platn[ýáéy]|otev[rř]en\\p{L}*|otvoren\\p{L}*|otwart\\p{L}*|nyitott|élő|açık|åpen|åben|öppe[nt]|открыт\\p{L}*',
    'действ\\p{L}*|정상|유효|활성|有効|契約中|利用中|正常|有效',
  ].join('|')})$`,
  'u',
);
/** Values of a status that mean that a product is no longer held, or never was. */
const dead = new RegExp(
  `^(?:${[
    `(?:in|ne|nie|i)[ -]?${active}|b|c|i|cls|clo[st]\\p{L}*|clôturée?|cancel\\p{L}*|terminated|ended|expired|lapsed|dead|settled|rejected`,
    'declined|pending|dormant|matured|written off|blocked|(?:cerr|encerr|fech|liquid)ad[oa]|baja|vencid[oa]|gek[üu]e?ndigt|geschlossen',
    'beendet|erloschen|aufgel[öo]e?st|fermée?|ferme|r[ée]sili[ée]e?|gesloten|be[eë]indigd|opgezegd|chius[oa]|estint[oa]|cessat[oa]',
    'zru[sš]en\\p{L}*|uzav[rř]en\\p{L}*|uzatvoren\\p{L}*|ukon[cč]en\\p{L}*|zav[rř]en\\p{L}*|vypov[eě]\\p{L}*|zamkni[eę]t\\p{L}*',
    'rozwi[aą]zan\\p{L}*|wygas\\p{L}*|megsz[uűü]nt|lezárt|zárt|kapal[ıi]|iptal|pasif|avslut\\p{L}*|stängd|lukket|opsagt|afsluttet',
    'закрыт\\p{L}*|расторг\\p{L}*|해지|만기|종료|해약|폐쇄|解約|終了|閉鎖|満期|销户|关闭|注销|已结清',
  ].join('|')})$`,
  'u',
);

/** The values of a column that mean that a product is held. Undefined if the column is not such a status. */
export function liveOf(values: readonly string[]): string[] | undefined {
  const is = (words: RegExp) => values.filter((value) => words.test(value.trim().toLowerCase().replaceAll('_', ' ')));
  const held = is(live);
  return held.length > 0 && is(dead).length > 0 ? held : undefined;
}

/** Words for agents and guarantors of a holding, and for its holders. */
const agents =
  /dispon|author|bevollm|verf[üu]e?gung|pe[łl]nomoc|zmocn|splnomoc|proxy|attorney|apoderad|autorizad|mandat|procur|delegat|meghatalm|guarant|avalist|b[üu]e?rge|garant|fiador|대리|보증|代理|保証/i;
const holders =
  /own|holder|titular|titolar|intestat|inhaber|primary|principal|joint|maji?tel|vlastn|w[łl]a[śs]ci|posiadacz|tulajd|본인|명의|예금주|本人|名義/i;

/** Whether a text, such as the name of a column, is about persons who hold nothing: agents, guarantors, recruiters. */
export function isNoHolder(text: string): boolean {
  return agents.test(text) || /refer|introduc|recomend|recommend|empf|werber|소개|추천/i.test(text);
}

/** The values of a column that are roles of persons who hold nothing. Undefined if the column has no such roles. */
export function agentsOf(name: string, values: readonly string[]): string[] | undefined {
  const isRole = /rol|relation|vztah|capacity|관계|구분|役割/i.test(name) || values.some((value) => holders.test(value));
  const found = isRole ? values.filter((value) => agents.test(value) && !holders.test(value)) : [];
  return found.length > 0 ? found : undefined;
}

/** Words, in lower case, in the names of columns that identify a person or an address. */
const personWords = listOf(
  'surname firstname lastname forename apellido apellidos vorname nachname prenom prénom sobrenome 성명 이름 고객명 address',
  'street direccion dirección domicilio calle adresse anschrift strasse straße rue endereco endereço morada 주소 phone',
  'telephone tel mobile cellphone telefono teléfono movil móvil telefon handy telefone telemovel 전화 전화번호 휴대 휴대폰 email',
  'mail correo courriel 이메일 dni nif ssn passport 주민등록번호',
);
/** Words for "name". A column with such a word has names of persons only if another word of its name shows that. */
const nameWords = ['name', 'nombre', 'nome', 'nom', 'namen'];
const personParts = ['first', 'last', 'full', 'given', 'family', 'middle', 'maiden', 'completo', 'complet', 'complete'];

/** Whether a column has personal data: names, addresses, telephone numbers, e-mail addresses, or numbers of identity cards. */
export function isPersonal(name: string, values: readonly string[]): boolean {
  const parts = wordsIn(name);
  if (parts.some((part) => personWords.includes(part)) || personWords.includes(parts.join(''))) return true;
  const isOfPerson = (part: string) =>
    nameWords.includes(part) || personParts.includes(part) || /^\d+$/.test(part) || kindScore(part, 'customer') > 0;
  if (parts.some((part) => nameWords.includes(part)) && parts.every(isOfPerson)) return true;
  return values.length > 0 && values.every((value) => /^\S+@\S+\.\S+$/.test(value) || /^\+?\d[\d ()/-]{7,}\d$/.test(value));
}
