import { consentWords, listOf, refusalWords, wordScore, wordsIn } from '@basketwise/data';

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
  saleEnd: listOf('end until withdrawn discontinu retired to stop 종료 판매종료 fin baja hasta bis ende retirada fim'),
  joined: listOf(
    'since join joined onboard regist registered signup created enrol open opened 가입 등록 alta antiguedad',
    'antigüedad ingreso eintritt seit beitritt entree entrée depuis inscription adhesion adesao adesão desde',
    'cadastro',
  ),
  recorded: listOf(
    'update updated load loaded etl modified changed batch extract insert inserted 수정 적재 actualizacion',
    'actualización carga modificacion modificación geändert geaendert aktualis maj atualizacao atualização 갱신',
  ),
  snapshot: listOf('snapshot asof month valuation stichtag 기준 기준일'),
  birth: listOf('birth born dob geburt 생년월일 생일 nacimiento nac naissance nascimento nasc'),
  sex: listOf('sex gender geschlecht 성별 sexo sexe genero género genre'),
  consent: [...consentWords, ...listOf('einwillig solicit 可否')],
  refusal: refusalWords,
  status: listOf('status state stat 상태 estado situacion situación zustand état etat situacao situação'),
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

/** Pairs of values that mean yes and no, in lower case. */
const yesAndNo: readonly (readonly [string, string])[] = [
  ['y', 'n'],
  ['yes', 'no'],
  ['true', 'false'],
  ['t', 'f'],
  ['1', '0'],
  ['granted', 'denied'],
  ['granted', 'withdrawn'],
  ['granted', 'revoked'],
  ['given', 'withdrawn'],
  ['accepted', 'declined'],
  ['opt_in', 'opt_out'],
  ['opt-in', 'opt-out'],
  ['optin', 'optout'],
  ['in', 'out'],
  ['ja', 'nein'],
  ['si', 'no'],
  ['sí', 'no'],
  ['s', 'n'],
  ['sim', 'não'],
  ['sim', 'nao'],
  ['oui', 'non'],
  ['o', 'n'],
  ['j', 'n'],
  ['agree', 'disagree'],
  ['agreed', 'refused'],
  ['동의', '미동의'],
  ['예', '아니오'],
  ['ja', 'nee'],
  ['ja', 'nej'],
  ['sì', 'no'],
  ['tak', 'nie'],
  ['t', 'n'],
  ['ano', 'ne'],
  ['igen', 'nem'],
  ['evet', 'hayır'],
  ['evet', 'hayir'],
  ['e', 'h'],
  ['可', '不可'],
  ['はい', 'いいえ'],
  ['有', '無'],
  ['是', '否'],
];

/** The values of a column that mean yes and no. Undefined if it has no such pair. */
export function yesOf(values: readonly string[]): { yes: string; no: string | undefined } | undefined {
  const folded = new Map(values.map((value) => [value.trim().toLowerCase(), value]));
  for (const [yes, no] of yesAndNo) {
    const found = folded.get(yes);
    if (found === undefined) continue;
    if ([...folded.keys()].every((value) => value === '' || yesAndNo.some((pair) => pair[0] === yes && pair.includes(value))))
      return { yes: found, no: folded.get(no) };
  }
  return undefined;
}

/** Values of a status that mean that a product is held, in lower case. */
const liveValues = [
  'active',
  'a',
  'act',
  'open',
  'opened',
  'live',
  'current',
  'normal',
  'in force',
  'inforce',
  'running',
  ...[
    'activo',
    'activa',
    'vigente',
    'abierto',
    'abierta',
    'en vigor',
    'aktiv',
    'offen',
    'laufend',
    'actif',
    'ouvert',
    'en cours',
  ],
  ...['ativo', 'ativa', 'aberto', 'aberta'],
  '정상',
  '유효',
  '활성',
];
/** Values of a status that mean that a product is no longer held, or never was. */
const deadValues = [
  ...[
    'closed',
    'c',
    'close',
    'cls',
    'cancelled',
    'canceled',
    'terminated',
    'ended',
    'expired',
    'lapsed',
    'inactive',
    'i',
    'dead',
    'settled',
  ],
  ...['rejected', 'declined', 'pending', 'dormant', 'matured', 'written off', 'blocked', '해지', '만기', '종료'],
  ...['cancelado', 'cancelada', 'cerrado', 'cerrada', 'baja', 'b', 'vencido', 'vencida', 'inactivo', 'inactiva', 'liquidado'],
  ...[
    'gekündigt',
    'gekuendigt',
    'geschlossen',
    'beendet',
    'inaktiv',
    'erloschen',
    'clos',
    'fermé',
    'ferme',
    'clôturé',
    'résilié',
  ],
  ...['resilie', 'inactif', 'encerrado', 'encerrada', 'fechado', 'inativo', 'inativa'],
];

/** The values of a column that mean that a product is held. Undefined if the column is not such a status. */
export function liveOf(values: readonly string[]): string[] | undefined {
  const is = (list: readonly string[], value: string) => list.includes(value.trim().toLowerCase().replaceAll('_', ' '));
  const live = values.filter((value) => is(liveValues, value));
  return live.length > 0 && values.some((value) => is(deadValues, value)) ? live : undefined;
}
