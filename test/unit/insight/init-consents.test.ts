import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wordScore } from '@basketwise/data';
import { expect, onTestFinished, test } from 'vitest';
import { findEncoding } from '../../../packages/insight/src/init/find-tables.ts';
import { some } from '../../cases.ts';
import { twoByteText } from '../data/cp949.ts';
import { plainBank, type Row, zeros } from './strange-tables/plain-bank.ts';
import { configured } from './strange-tables/written-bank.ts';

/** A bank whose customers have two columns of few values: names, and the values of most and of other customers. */
function bankWith(columns: readonly (readonly [name: string, most: string, others: string])[]) {
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
const consents = [
  [
    'Dutch, with a refusal',
    [
      ['toestemming_mail', 'J', 'N'],
      ['overleden', 'N', 'J'],
    ],
    ["toestemming_mail = 'J'", "overleden = 'N'"],
  ],
  [
    'a language without words',
    [
      ['cead_cumarsaide', 'Y', 'N'],
      ['réigiún', 'thuaidh', 'theas'],
    ],
    undecided,
  ],
  [
    'no yes and no',
    [
      ['réigiún', 'thuaidh', 'theas'],
      ['stádas', 'a', 'b'],
    ],
    { consent: undefined, edited: false },
  ],
  [
    'Turkish',
    [
      ['iletisim_izni', 'E', 'H'],
      ['sehir', 'Ankara', 'Bursa'],
    ],
    ["iletisim_izni = 'E'"],
  ],
  [
    'Japanese',
    [
      ['DM可否', '可', '不可'],
      ['地域', '東', '西'],
    ],
    [`"DM可否" = '可'`],
  ],
  [
    'English, with an objection',
    [
      ['solicit_flg', 'Y', 'N'],
      ['dnc_ind', 'N', 'Y'],
    ],
    ["solicit_flg = 'Y'", "dnc_ind = 'N'"],
  ],
] as const;
test.each(some(consents, 2))('a consent in %s becomes rules, or the run waits for an answer', async (_, columns, expected) => {
  const { config, notes } = await configured({ tables: bankWith(columns) });
  const rules = config.rules?.map(({ require }: { require: string }) => require);
  const edited = notes.some(({ kind, key }) => kind === 'edit' && key === 'consent');
  expect(rules ?? { consent: config.consent, edited }).toEqual(expected);
});

test('words over several parts of a name begin one of them', () => {
  expect(wordScore('do_not_call', ['donot'])).toBe(0.6);
  expect(wordScore('flag_opt_out', ['optout'])).toBe(0.6);
  expect(wordScore('tipo_posicion', ['oposic'])).toBe(0);
});

test.each([
  ['utf-8', Buffer.from('顧客番号,氏名\n1,ラーメン\n')],
  ['cp932', twoByteText('顧客番号,氏名\n1,預金プラン\n2,普通\n', 'shift_jis')],
  ['cp949', twoByteText('고객번호,상품명\n1,정기예금\n', 'euc-kr')],
  ['gb18030', twoByteText('客户号,性别,营销同意\n1,男,是\n2,女,否\n', 'gb18030')],
  ['windows-1252', Buffer.from('kunde,name\n1,Müller \u0096 \u0084Straße\u0093\n2,\u008aárka\n3,é Çelik Größe Åse\n', 'latin1')],
  ['windows-1252', Buffer.from('code,name\n1,Children\u0092s Savings\n2,Saver\u0092s Plan\n', 'latin1')],
  ['windows-1252', Buffer.from('kod,naziv\n1,Tr\u009ei\u009ate\n2,\u008atednja\n3,\u009eiro\n4,\u009aestica\n', 'latin1')],
])('files in %s are recognised', async (expected, bytes) => {
  const folder = mkdtempSync(join(tmpdir(), 'basketwise-encoding-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'a.csv'), bytes);
  writeFileSync(join(folder, 'b.csv'), 'a,b\n1,2\n');
  expect(await findEncoding(folder)).toBe(expected);
});
