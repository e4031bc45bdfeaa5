// Banks without a column for the end of holdings, or without any dates; and two tables that may be those of holdings.
import { day, sold, type Tables } from '../../../e2e/cli/strange-banks.ts';
import { families, plainBank, type Row, type StrangeBank, zeros } from './plain-bank.ts';

/** A status with its day in place of a day of closing, and the end of sale in a format. */
export function statusBank(): StrangeBank {
  const bank = plainBank(41, 700, 24);
  return {
    name: 'cs: a status with its day in place of an end',
    dates: 'DD.MM.YYYY',
    tables: {
      'klienti.csv': [
        ['klient', 'pohlavi', 'datum_narozeni'],
        ...bank.customers.map((one) => [`X${zeros(one.i, 7)}`, 'MZ'[one.sex]!, one.birth]),
      ],
      'produkty.csv': [
        ['produkt', 'nazev_produktu', 'typ', 'konec_prodeje'],
        ...bank.products.map(({ i, family }) => [`T-${i}`, `Účet ${i}`, families[family]!, i < 4 ? day(900 + 40 * i) : null]),
      ],
      'smlouvy.csv': [
        ['smlouva', 'klient', 'produkt', 'datum_otevreni', 'stav', 'datum_zmeny'],
        ...bank.holdings.map((h, i) => {
          const end = sold(h.closed);
          const state = end === null ? 'Aktivní' : 'Zrušený';
          return [i, `X${zeros(h.customer, 7)}`, `T-${h.product}`, day(h.opened), state, day(end ?? h.opened)];
        }),
      ],
    },
    customers: { tables: ['klienti.csv'], id: 'klient', rows: 700 },
    products: { tables: ['produkty.csv'], code: 'produkt', name: 'nazev_produktu', class: 'typ', by: 'code' },
    holdings: {
      tables: ['smlouvy.csv'],
      customer: 'klient',
      product: 'produkt',
      date: 'datum_otevreni',
      closed: 'ended_on',
      rows: bank.holdings.length,
    },
    sql: [/CASE WHEN stav NOT IN \('Aktivní'\) THEN datum_zmeny END AS ended_on/, /sale_end: konec_prodeje/],
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
  const contracts = tables['smlouvy.csv'] as readonly Row[];
  const half = contracts.filter((_, i) => i === 0 || i % 2 === 1).map((row) => row.slice(1, 5));
  const other = contracts.filter((_, i) => i === 0 || i % 2 === 0).map((row) => row.slice(1, 5));
  return {
    'klienti.csv': tables['klienti.csv']!,
    'produkty.csv': tables['produkty.csv']!,
    'lista_a.csv': half,
    'lista_b.csv': other,
  };
}
