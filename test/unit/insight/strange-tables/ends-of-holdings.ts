// Banks without a column for the end of holdings, or without any dates; and two tables that may be those of holdings.
import { day, sold, type Tables } from '../../../e2e/cli/strange-banks.ts';
import { families, plainBank, type Row, type StrangeBank, zeros } from './plain-bank.ts';

/** A status with its day in place of a day of closing. */
export function statusBank(): StrangeBank {
  const bank = plainBank(41, 700, 24);
  return {
    name: 'es: a status with its day in place of an end',
    dates: 'DD/MM/YYYY',
    tables: {
      'clientes.csv': [
        ['nif_cliente', 'sexo', 'fecha_nacimiento'],
        ...bank.customers.map((one) => [`X${zeros(one.i, 7)}`, 'HM'[one.sex]!, one.birth]),
      ],
      'catalogo.csv': [
        ['producto', 'nombre_producto', 'gama'],
        ...bank.products.map(({ i, family }) => [`T-${i}`, `Cuenta ${i}`, families[family]!]),
      ],
      'contratos.csv': [
        ['contrato', 'nif_cliente', 'producto', 'fecha_alta', 'situacion', 'fecha_situacion'],
        ...bank.holdings.map((h, i) => {
          const end = sold(h.closed);
          return [i, `X${zeros(h.customer, 7)}`, `T-${h.product}`, day(h.opened), end === null ? 'A' : 'B', day(end ?? h.opened)];
        }),
      ],
    },
    customers: { tables: ['clientes.csv'], id: 'nif_cliente', rows: 700 },
    products: { tables: ['catalogo.csv'], code: 'producto', name: 'nombre_producto', class: 'gama', by: 'code' },
    holdings: {
      tables: ['contratos.csv'],
      customer: 'nif_cliente',
      product: 'producto',
      date: 'fecha_alta',
      closed: 'ended_on',
      rows: bank.holdings.length,
    },
    sql: [/CASE WHEN situacion NOT IN \('A'\) THEN fecha_situacion END AS ended_on/],
  };
}

/** No dates at all. */
export function dateless(): StrangeBank {
  const bank = plainBank(47, 500, 24);
  return {
    name: 'fr: no dates',
    delimiter: '|',
    tables: {
      'abonnes.csv': [
        ['ref', 'nom', 'adresse', 'tel', 'csp'],
        ...bank.customers.map((one) => [
          `R${one.i}`,
          one.surname,
          `rue ${one.i % 20}`,
          `06 00 00 ${zeros(one.i, 4)}`,
          `csp ${one.i % 5}`,
        ]),
      ],
      'offres.csv': [
        ['offre', 'intitule', 'famille'],
        ...bank.products.map(({ i, family }) => [`O${i}`, `Formule ${i}`, `F${family}`]),
      ],
      'detention.csv': [
        ['ref', 'offre', 'solde'],
        ...bank.holdings.map((h, i) => [`R${h.customer}`, `O${h.product}`, 10 * i + 5]),
      ],
    },
    customers: { tables: ['abonnes.csv'], id: 'ref', rows: 500 },
    products: { tables: ['offres.csv'], code: 'offre', name: 'intitule', class: 'famille', by: 'code' },
    holdings: {
      tables: ['detention.csv'],
      customer: 'ref',
      product: 'offre',
      date: null,
      closed: null,
      rows: bank.holdings.length,
    },
    persons: ['nom', 'adresse', 'tel'],
    edits: ['reference_date'],
  };
}

/** Two tables that may be those of holdings: no evidence decides. */
export function twinBank(): Tables {
  const { tables } = statusBank();
  const contracts = tables['contratos.csv'] as readonly Row[];
  const half = contracts.filter((_, i) => i === 0 || i % 2 === 1).map((row) => row.slice(1, 5));
  const other = contracts.filter((_, i) => i === 0 || i % 2 === 0).map((row) => row.slice(1, 5));
  return {
    'clientes.csv': tables['clientes.csv']!,
    'catalogo.csv': tables['catalogo.csv']!,
    'lista_a.csv': half,
    'lista_b.csv': other,
  };
}
