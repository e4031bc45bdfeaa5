import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wordScore } from '@basketwise/data';
import { expect, test } from 'vitest';
import { findEncodings } from '../../../packages/insight/src/init/table-files.ts';
import { some } from '../../cases.ts';
import { temporaryFolder } from '../data/bank.ts';
import { encodedText } from '../data/encoded-text.ts';
import { plainBank, type Row, zeros } from './strange-tables/plain-bank.ts';
import { configured } from './strange-tables/written-bank.ts';

/** A bank whose customers have columns of few values: their names, and the values of most and of other customers. */
function bankWith(text: string) {
  const columns = text.split('; ').map((column) => column.split(/: |, /) as [name: string, most: string, others: string]);
  const { customers, products, holdings } = plainBank(7, 120, 8, 2);
  const flags = (i: number) => columns.map(([, most, others], at) => (i % (at + 3) === 0 ? others : most));
  const id = (i: number) => zeros(i * 7 + 3, 6);
  return {
    'klanten.csv': [['klantnr', ...columns.map(([name]) => name)], ...customers.map(({ i }): Row => [id(i), ...flags(i)])],
    'artikelen.csv': [['artikelcode', 'naam', 'groep'], ...products.map(({ i, family }) => [`A${i}`, `n ${i}`, `g${family}`])],
    'contracten.csv': [
      ['klantnr', 'artikelcode', 'begin', 'einde'],
      ...holdings.map(({ customer, product, opened }) => [id(customer), `A${product}`, dayOf(opened), null]),
    ],
  };
}

const dayOf = (days: number) => new Date(Date.UTC(2019, 0, 1 + days)).toISOString().slice(0, 10);

const undecided = { consent: 'undecided', edited: true };
/** Columns as `name: most, others`; then the rules that they must become, or that the run waits. */
const consents: readonly [string, string, readonly string[] | { consent: string | undefined; edited: boolean }][] = [
  ['Dutch, with a refusal', 'toestemming_mail: J, N; overleden: N, J', ["toestemming_mail = 'J'", "overleden = 'N'"]],
  ['a language without words', 'cead_cumarsaide: Y, N; réigiún: thuaidh, theas', undecided],
  ['no yes and no', 'réigiún: thuaidh, theas; stádas: a, b', { consent: undefined, edited: false }],
  ['Turkish', 'iletisim_izni: E, H; sehir: Ankara, Bursa', ["iletisim_izni = 'E'"]],
  ['Japanese', 'DM可否: 可, 不可; 地域: 東, 西', [`"DM可否" = '可'`]],
  [
    'English, with objections',
    'mkt_consent: Y, N; dnc_ind: N, Y; DO_NOT_SOLICIT: N, Y',
    ["mkt_consent = 'Y'", "dnc_ind = 'N'", "DO_NOT_SOLICIT = 'N'"],
  ],
  ['English, of one that may be both', 'solicit_flg: Y, N; region: north, south', undecided],
  [
    'German, of days of objections alone',
    'Werbewiderspruch_am: , 2021-03-04; verstorben: , 1',
    ["coalesce(trim(Werbewiderspruch_am), '') = ''", 'verstorben IS NULL'],
  ],
];
test.each(some(consents, 2))('a consent in %s becomes rules, or the run waits for an answer', async (_, columns, expected) => {
  const { config, notes } = await configured({ tables: bankWith(columns) });
  const rules = config.rules?.map(({ require }: { require: string }) => require);
  const edited = notes.some(({ kind, key }) => kind === 'edit' && key === 'consent');
  expect(rules ?? { consent: config.consent, edited }).toEqual(expected);
  expect(config.consent === 'undecided').toBe(edited);
});

test('a column that may be a consent or an objection has both readings, and the user chooses', async () => {
  const tables = bankWith('mkt_consent: Y, N; solicit_flg: Y, N');
  const reading = (value: string, customers: number) =>
    `{ reason: NO_SOLICIT_FLG, require: "solicit_flg = '${value}'" } # klanten.csv.solicit_flg: ${customers} customers`;
  const { config, text } = await configured({ tables });
  expect([config.consent, config.rules.length]).toEqual(['undecided', 1]);
  for (const rule of [reading('Y', 90), reading('N', 30)]) expect(text).toContain(rule);
  const chosen = await configured({ tables }, { allowed: 'N' });
  expect([chosen.config.consent, ...chosen.config.rules.map(({ require }: { require: string }) => require)]).toEqual([
    ...[undefined, "mkt_consent = 'Y'", "solicit_flg = 'N'"],
  ]);
});

test('a table that lists customers who have objected waits for a decision', async () => {
  const tables = bankWith('mkt_consent: Y, N');
  const listed = tables['klanten.csv']!.slice(1, 30).map(([id]): Row => [id!]);
  const { config, notes } = await configured({ tables: { ...tables, 'opt_outs.csv': [['klantnr'], ...listed] } });
  expect(config.consent).toBe('undecided');
  expect(notes.map(({ text }) => text)).toContainEqual(expect.stringMatching(/^opt_outs.csv.klantnr is an objection/));
});

// first tier, a third of a second
test('an earlier state of the customers has the consent, too: it is no other one to look at', async () => {
  const tables = bankWith('toestemming_mail: J, N');
  const [head, ...rows] = tables['klanten.csv']!;
  const history = [
    [...head!, 'stand'],
    ...rows.flatMap((row): Row[] => ['2022-01-31', '2022-02-28'].map((day) => [...row, day])),
  ];
  const { config, notes } = await configured({ tables: { ...tables, 'historie.csv': history } });
  expect(config.rules).toHaveLength(1);
  expect(notes.filter(({ key }) => key.startsWith('rules')).map(({ key }) => key)).toEqual(['rules[0]']);
});

test('words over several parts of a name begin one of them', () => {
  expect(wordScore('do_not_call', ['donot'])).toBe(0.6);
  expect(wordScore('flag_opt_out', ['optout'])).toBe(0.6);
  expect(wordScore('tipo_posicion', ['oposic'])).toBe(0);
});

/** Texts of banks, by the encoding that writes them; with several, the texts do not show which one is right. */
const texts: readonly [string, ...string[]][] = [
  [
    'windows-1252',
    'kunde,name\n1,Müller – „Straße“\n2,Šárka\n3,é Çelik Größe Åse',
    'Children’s Savings\nSaver’s Plan',
    'Größe 1\nGröße A',
  ],
  ['windows-1252', 'Cuenta nómina\nDepósito\nPréstamo', 'Città\nPiù comodità', 'Tržište\nŠtednja\nžiro'],
  ['windows-1252', 'Compte chèques\nPrêt à l’habitat\nÉpargne', 'Conta à ordem\nPoupança\nHabitação', 'Jørgen Åse Sælgård'],
  ['windows-1250', 'Běžný účet\nSpořicí účet\nÚvěr', 'Jiří Novák\nŽofie Dvořáková\nŠárka Černá', 'Zrušený\nAktivní'],
  [
    'windows-1250',
    'Rachunek bieżący\nPożyczka gotówkowa',
    'Łukasz Wiśniewski\nMałgorzata Dąbrowska',
    'Folyószámla\nLekötött, hosszú idejű, nyugdíjelő',
  ],
  ['iso-8859-2', 'Rachunek bieżący\nKonto oszczędnościowe', 'Běžný účet\nŠárka Žižková'],
  ['windows-1254', 'Kredi kartı\nİhtiyaç kredisi\nÇağrı Yıldız'],
  ['windows-1251', 'Текущий счёт\nКредитная карта'],
  ['windows-1253', 'Λογαριασμός ταμιευτηρίου\nΠιστωτική κάρτα'],
  ['windows-1252 windows-1250', 'zamkniêty\nczynny'],
  ['cp932', '顧客番号,氏名\n1,預金プラン\n2,普通'],
  ['cp949', '고객번호,상품명\n1,정기예금'],
  ['utf-8', '顧客番号,氏名\n1,ラーメン'],
  ['gb18030', '客户号,性别,营销同意\n1,男,是\n2,女,否'],
];
test.each(texts.flatMap(([encoding, ...some]) => some.map((text) => [encoding, text] as const)))(
  'files in %s are recognised: %s',
  async (expected, text) => {
    const [encoding] = expected.split(' ');
    const folder = await temporaryFolder();
    writeFileSync(join(folder, 'a.csv'), encoding === 'utf-8' ? text : encodedText(text, encoding!));
    writeFileSync(join(folder, 'b.csv'), 'a,b\n1,2\n');
    expect((await findEncodings(folder)).join(' ')).toBe(expected);
  },
);

test('an encoding that the letters do not show is left to the user', async () => {
  const tables = bankWith('status: czynny, zamkniêty');
  const { config, notes } = await configured({ tables, encoding: 'windows-1252' });
  expect(config.source).not.toHaveProperty('encoding');
  expect(notes).toContainEqual(expect.objectContaining({ kind: 'edit', key: 'source.encoding' }));
});
