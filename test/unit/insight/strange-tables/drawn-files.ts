// Banks with plain tables in strange forms.
import { day, lastDay, type Tables } from '../../../e2e/cli/strange-banks.ts';
import { plainBank, type Row, zeros } from './plain-bank.ts';
import { accountsOf, type DrawnBank, drawsOf, pick, truthOf } from './warehouses.ts';

/** Names of columns and values of a language, and the encodings of its files. */
const languages = [
  {
    ...{
      customer: 'client_id',
      birth: 'birth_date',
      branch: 'branch_no',
      consent: 'marketing_consent',
      objection: 'do_not_solicit',
    },
    ...{ product: 'product_code', name: 'product_name', class: 'category', saleEnd: 'sale_end', account: 'account_no' },
    ...{ opened: 'open_date', closed: 'close_date', status: 'status', changed: 'status_date', live: 'Active', dead: 'Closed' },
    ...{ role: 'role', holder: 'OWNER', agent: 'DISPONENT', yes: 'Y', no: 'N', word: 'Plan', dates: 'YYYY-MM-DD' },
    ...{ log: 'consent_log', given: 'granted', on: 'changed_on', encodings: [undefined, undefined] },
  },
  {
    ...{
      customer: 'klient',
      birth: 'datum_narozeni',
      branch: 'pobocka',
      consent: 'souhlas_marketing',
      objection: 'nesouhlas_marketing',
    },
    ...{ product: 'kod_produktu', name: 'nazev', class: 'typ_produktu', saleEnd: 'konec_prodeje', account: 'cislo_uctu' },
    ...{
      opened: 'datum_otevreni',
      closed: 'datum_zruseni',
      status: 'stav',
      changed: 'datum_zmeny',
      live: 'Aktivní',
      dead: 'Zrušený',
    },
    ...{ role: 'vztah', holder: 'majitel', agent: 'disponent', yes: 'A', no: 'N', word: 'Spořicí účet', dates: 'DD.MM.YYYY' },
    ...{ log: 'souhlasy', given: 'souhlas', on: 'datum', encodings: ['windows-1250', undefined] },
  },
  {
    ...{
      customer: 'nr_klienta',
      birth: 'data_urodzenia',
      branch: 'oddzial',
      consent: 'zgoda_marketingowa',
      objection: 'sprzeciw',
    },
    ...{ product: 'kod_produktu', name: 'nazwa', class: 'grupa', saleEnd: 'data_wycofania', account: 'nr_rachunku' },
    ...{
      opened: 'data_otwarcia',
      closed: 'data_zamkniecia',
      status: 'stan',
      changed: 'data_zmiany',
      live: 'aktywny',
      dead: 'zamknięty',
    },
    ...{
      role: 'rola',
      holder: 'właściciel',
      agent: 'pełnomocnik',
      yes: 'T',
      no: 'N',
      word: 'Rachunek bieżący',
      dates: 'DD.MM.YYYY',
    },
    ...{ log: 'zgody', given: 'zgoda', on: 'data', encodings: ['windows-1250', 'windows-1250'] },
  },
  {
    ...{
      customer: 'kundennr',
      birth: 'geburtsdatum',
      branch: 'filiale',
      consent: 'werbung_einwilligung',
      objection: 'werbewiderspruch',
    },
    ...{ product: 'produkt_nr', name: 'bezeichnung', class: 'sparte', saleEnd: 'verkauf_bis', account: 'kontonummer' },
    ...{
      opened: 'eroeffnet_am',
      closed: 'geschlossen_am',
      status: 'status',
      changed: 'status_am',
      live: 'aktiv',
      dead: 'aufgelöst',
    },
    ...{ role: 'rolle', holder: 'Inhaber', agent: 'Bevollmächtigter', yes: 'J', no: 'N', word: 'Größe', dates: 'DD.MM.YYYY' },
    ...{ log: 'einwilligungen', given: 'einwilligung', on: 'datum', encodings: ['latin1', undefined] },
  },
  {
    ...{ customer: '고객번호', birth: '생년월일', branch: '지점', consent: '마케팅동의', objection: '마케팅거부' },
    ...{ product: '상품코드', name: '상품명', class: '상품분류', saleEnd: '판매종료일', account: '계좌번호' },
    ...{ opened: '개설일자', closed: '해지일자', status: '상태', changed: '변경일', live: '정상', dead: '해지' },
    ...{ role: '관계', holder: '본인', agent: '대리인', yes: 'Y', no: 'N', word: '정기예금', dates: 'YYYYMMDD' },
    ...{ log: '동의이력', given: '동의여부', on: '변경일자', encodings: ['cp949', undefined] },
  },
] as const;

/** An id in full-width characters. */
const wide = (id: string) => [...id].map((sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0)).join('');

/**
 * Customers, products and accounts. Drawn are: the language and encoding, consents or objections in a column or a log, the end of
 * accounts as a day, a status or both, copies of rows, ids in full-width characters, persons who only dispose, and an end of sale.
 */
export function drawnFiles(seed: number): DrawnBank {
  const draw = drawsOf(seed + 20_000);
  const words = pick(draw, languages);
  const bank = plainBank(seed + 300, 150 + draw(60), 9 + draw(4), 3);
  const lives = accountsOf(bank);
  const idOf = (i: number) => `C${zeros(i + 100, 6)}`;
  const codeOf = (i: number) => `Q${100 + i}`;
  const encoding = pick(draw, words.encodings);
  const consent = pick(draw, ['consent', 'objection', 'log'] as const);
  const end = pick(draw, ['day', 'status with day', 'status'] as const);
  const [hasCopies, isWide, hasRoles, hasSaleEnd] = [draw(2) === 0, draw(3) === 0, draw(2) === 0, draw(2) === 0];
  const agrees = bank.customers.map((one) => one.agrees);
  const yes = (is: boolean) => (is ? words.yes : words.no);
  const flag = consent === 'log' ? undefined : consent === 'consent' ? words.consent : words.objection;
  const customers = bank.customers.map(
    ({ i, birth, branch }): Row => [
      ...[idOf(i), birth, branch],
      ...(flag === undefined ? [] : [yes(agrees[i]! === (consent === 'consent'))]),
    ],
  );
  // Two of three customers have changed their mind, some of them twice.
  const log = bank.customers.flatMap(({ i }): Row[] =>
    Array.from(
      { length: 1 + (i % 3) },
      (_, n): Row => [...[idOf(i), yes((n % 2 === (i % 3) % 2) === agrees[i]!), day(900 + 100 * n + (i % 50))]],
    ),
  );
  const products = bank.products.map(
    ({ i, family }): Row => [
      ...[codeOf(i), `${words.word} ${i}`, `${words.word} ${'ABC'[family]}`],
      ...(hasSaleEnd ? [i === 1 ? day(lastDay - 300) : null] : []),
    ],
  );
  const accounts = lives.flatMap(({ customer, product, opened, closed }, n): Row[] => {
    const ended = closed !== null && closed <= lastDay ? closed : undefined;
    const row = (who: number, role: string): Row => [
      ...[`A${zeros(n, 7)}`, isWide ? wide(idOf(who)) : idOf(who), codeOf(product), day(opened)],
      ...(end === 'day' ? [ended === undefined ? null : day(ended)] : [ended === undefined ? words.live : words.dead]),
      ...(end === 'status with day' ? [day(ended ?? opened)] : []),
      ...(hasRoles ? [role] : []),
    ];
    const rows = [row(customer, words.holder)];
    return hasRoles && n % 8 === 0 ? [...rows, row((customer + 5) % bank.customers.length, words.agent)] : rows;
  });
  const copied = (rows: readonly Row[], every: number) =>
    hasCopies ? [...rows, ...rows.filter((_, i) => i % every === 3)] : rows;
  const tables = {
    'clients.csv': [
      [words.customer, words.birth, words.branch, ...(flag === undefined ? [] : [flag])],
      ...copied(customers, customers.length),
    ],
    'products.csv': [
      [words.product, words.name, words.class, ...(hasSaleEnd ? [words.saleEnd] : [])],
      ...copied(products, products.length),
    ],
    'accounts.csv': [
      [
        ...[words.account, words.customer, words.product, words.opened],
        ...(end === 'day' ? [words.closed] : [words.status, ...(end === 'status' ? [] : [words.changed])]),
        ...(hasRoles ? [words.role] : []),
      ],
      ...accounts,
    ],
    ...(flag === undefined && { [`${words.log}.csv`]: [[words.customer, words.given, words.on], ...log] }),
  };
  const shape = [
    ...[encoding ?? 'UTF-8', consent, end, ...(hasCopies ? ['copies'] : []), ...(isWide ? ['full-width ids'] : [])],
    ...[...(hasRoles ? ['roles'] : []), ...(hasSaleEnd ? ['end of sale'] : [])],
  ];
  return {
    name: `files ${seed} (${words.customer}; ${shape.join('; ')})`,
    tables: tables as Tables,
    ...(encoding !== undefined && !isWide && { encoding }),
    dates: words.dates,
    ...truthOf(bank, idOf, (i) => agrees[i]!, codeOf, lives),
  };
}
