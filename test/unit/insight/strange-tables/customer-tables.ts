// Banks whose customers are in several rows or tables.
import { day, lastDay, sold } from '../../../e2e/cli/strange-banks.ts';
import { families, type Plain, plainBank, type Row, type StrangeBank, zeros } from './plain-bank.ts';

/** Ids repeated in up to 1 % of the customers, as copies or as other states. */
export function repeatedBank(isCopy: boolean): StrangeBank {
  const bank = plainBank(17, 1500, 20);
  const kunde = (one: Plain['customers'][number], changed: number): Row => [
    ...[zeros(one.i + 31, 9), one.name, one.surname, 'mw'[one.sex]!, one.birth, changed ? 1 + changed : one.branch],
    day(changed ? lastDay - 3 : 100 + one.i),
  ];
  const repeats = bank.customers.slice(0, 12).map((one) => kunde(one, isCopy ? 0 : 1 + (one.i % 7)));
  return {
    name: `de: ids of customers repeated, ${isCopy ? 'as copies' : 'with other values'}`,
    dates: 'DD.MM.YYYY',
    tables: {
      'kunden.csv': [
        ['kundennr', 'vorname', 'nachname', 'geschlecht', 'geburtsdatum', 'filiale', 'geaendert_am'],
        ...bank.customers.map((one) => kunde(one, 0)),
        ...repeats,
      ],
      'produkte.csv': [
        ['produkt_nr', 'bezeichnung', 'sparte'],
        ...bank.products.map(({ i, family }) => [`K${10 + i}`, `Modell ${i}`, `Sparte ${family}`]),
      ],
      'vertraege.csv': [
        ['vertrag', 'kunde', 'produkt', 'beginn', 'ende'],
        ...bank.holdings.map((h, i) => [
          i + 5000,
          zeros(h.customer + 31, 9),
          `K${10 + h.product}`,
          day(h.opened),
          sold(h.closed) === null ? null : day(h.closed!),
        ]),
      ],
    },
    customers: { tables: ['kunden.csv'], id: 'kundennr', rows: 1500 },
    products: { tables: ['produkte.csv'], code: 'produkt_nr', name: 'bezeichnung', class: 'sparte', by: 'code' },
    holdings: {
      tables: ['vertraege.csv'],
      customer: 'kunde',
      product: 'produkt',
      date: 'beginn',
      closed: 'ende',
      rows: bank.holdings.length,
    },
    persons: ['vorname', 'nachname'],
    sql: [
      isCopy
        ? /SELECT DISTINCT \*/
        : /ORDER BY CASE WHEN CAST\(strptime\(nullif\(trim\(geaendert_am\), ''\), '%d\.%m\.%Y'\) AS DATE\) IS NULL/,
    ],
  };
}

/** Customers in two tables with the same ids: persons, and what was agreed with them. */
export function splitBank(): StrangeBank {
  const bank = plainBank(19, 700, 24);
  const id = (i: number) => zeros(i + 5, 7);
  return {
    name: 'es: customers in two tables with one row each',
    delimiter: ';',
    dates: 'DD-MM-YYYY',
    tables: {
      'personas.csv': [
        ['id_persona', 'nombre', 'apellidos', 'sexo', 'fecha_nacimiento'],
        ...bank.customers.map((one) => [id(one.i), one.name, one.surname, 'HM'[one.sex]!, one.birth]),
      ],
      'datos_comerciales.csv': [
        ['id_persona', 'fecha_alta', 'consentimiento', 'email'],
        ...bank.customers.slice(0, 690).map((one) => [id(one.i), one.joined, one.agrees ? 'S' : 'N', `u${one.i}@example.org`]),
      ],
      'productos.csv': [
        ['codigo', 'nombre', 'linea'],
        ...bank.products.map(({ i, family }) => [zeros(i + 1, 3), `Plan ${i} ${families[family]}`, families[family]!]),
      ],
      'cuentas.csv': [
        ['cuenta', 'id_persona', 'producto', 'fecha_apertura', 'fecha_cancelacion'],
        ...bank.holdings.map((h, i) => [
          `ES${i}`,
          id(h.customer),
          zeros(h.product + 1, 3),
          day(h.opened),
          sold(h.closed) === null ? null : day(h.closed!),
        ]),
      ],
    },
    customers: { tables: ['personas.csv', 'datos_comerciales.csv'], id: 'id_persona', rows: 700 },
    products: { tables: ['productos.csv'], code: 'codigo', name: 'nombre', class: 'linea', by: 'code' },
    holdings: {
      tables: ['cuentas.csv'],
      customer: 'id_persona',
      product: 'producto',
      date: 'fecha_apertura',
      closed: 'fecha_cancelacion',
      rows: bank.holdings.length,
    },
    persons: ['nombre', 'apellidos', 'email'],
    sql: [/LEFT JOIN .*datos_comerciales\.csv/, /consentimiento = 'S'/, /since: fecha_alta/],
  };
}

/** Customers of two regions in two tables. */
export function regionBank(): StrangeBank {
  const bank = plainBank(23, 800, 24);
  const head = ['cliente', 'sexo', 'nascimento', 'agencia', 'morada'];
  const cliente = (one: Plain['customers'][number]): Row => [
    `BR${zeros(one.i, 6)}`,
    'MF'[one.sex]!,
    one.birth,
    one.branch,
    `Rua ${one.i}`,
  ];
  return {
    name: 'pt: customers of two regions in two tables',
    dates: 'DD/MM/YYYY',
    tables: {
      'clientes_norte.csv': [head, ...bank.customers.slice(0, 550).map(cliente)],
      'clientes_sul.csv': [head, ...bank.customers.slice(550).map(cliente)],
      'produtos.csv': [
        ['produto', 'nome', 'familia'],
        ...bank.products.map(({ i, family }) => [
          `X${i + 10}`,
          `Oferta ${i}`,
          ['Poupança', 'Cartões', 'Crédito', 'Seguros'][family]!,
        ]),
      ],
      'contratos.csv': [
        ['contrato', 'cliente', 'produto', 'abertura', 'encerramento'],
        ...bank.holdings.map((h, i) => [
          i,
          `BR${zeros(h.customer, 6)}`,
          `X${h.product + 10}`,
          day(h.opened),
          sold(h.closed) === null ? null : day(h.closed!),
        ]),
      ],
    },
    customers: { tables: ['clientes_norte.csv', 'clientes_sul.csv'], id: 'cliente', rows: 800 },
    products: { tables: ['produtos.csv'], code: 'produto', name: 'nome', class: 'familia', by: 'code' },
    holdings: {
      tables: ['contratos.csv'],
      customer: 'cliente',
      product: 'produto',
      date: 'abertura',
      closed: 'encerramento',
      rows: bank.holdings.length,
    },
    persons: ['morada'],
    sql: [/UNION ALL/],
  };
}
