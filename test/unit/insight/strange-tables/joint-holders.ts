// Banks whose contracts have several holders.
import { day, sold } from '../../../e2e/cli/strange-banks.ts';
import { plainBank, type Row, type StrangeBank, zeros } from './plain-bank.ts';

/** Joint holders: in a second column of customers. */
export function secondColumnBank(): StrangeBank {
  const bank = plainBank(29, 800, 24);
  const isJoint = (i: number) => i % 5 === 0;
  const joint = bank.holdings.filter((_, i) => isJoint(i)).length;
  return {
    name: 'fr: a second holder in the contracts',
    tables: {
      'clients.csv': [
        ['no_client', 'prenom', 'nom', 'sexe', 'date_naissance', 'agence'],
        ...bank.customers.map((one) => [300_000 + one.i, one.name, one.surname, 'FH'[one.sex]!, one.birth, one.branch]),
      ],
      'produits.csv': [
        ['code_produit', 'libelle', 'gamme'],
        ...bank.products.map(({ i, family }) => [`L${i}`, `Livret ${i}`, ['Epargne', 'Cartes', 'Crédit', 'Assurance'][family]!]),
      ],
      'contrats.csv': [
        ['no_contrat', 'titulaire', 'co_titulaire', 'code_produit', 'date_ouverture', 'date_cloture'],
        ...bank.holdings.map((h, i) => [
          ...[
            9_000_000 + i,
            300_000 + h.customer,
            isJoint(i) ? 300_000 + ((h.customer + 1 + (i % 90)) % 800) : null,
            `L${h.product}`,
          ],
          ...[day(h.opened), sold(h.closed) === null ? null : day(h.closed!)],
        ]),
      ],
    },
    customers: { tables: ['clients.csv'], id: 'no_client', rows: 800 },
    products: { tables: ['produits.csv'], code: 'code_produit', name: 'libelle', class: 'gamme', by: 'code' },
    holdings: {
      tables: ['contrats.csv'],
      customer: 'titulaire',
      product: 'code_produit',
      date: 'date_ouverture',
      closed: 'date_cloture',
      rows: bank.holdings.length + joint,
    },
    persons: ['prenom', 'nom'],
    sql: [/UNION ALL/, /co_titulaire IS NOT NULL/],
  };
}

/** Joint holders: in a table of pairs, with persons who only dispose; the contracts name no customer. */
export function pairBank(): StrangeBank {
  const bank = plainBank(31, 800, 24);
  const pairs = bank.holdings.flatMap((h, i): Row[] => [
    [`V${i}`, zeros(h.customer + 1, 6), 'Inhaber'],
    ...(i % 6 === 0 ? [[`V${i}`, zeros(((h.customer + 7) % 800) + 1, 6), i % 12 === 0 ? 'Mitinhaber' : 'Bevollmächtigter']] : []),
  ]);
  return {
    name: 'de: holders of contracts in a table of pairs',
    dates: 'MM/DD/YYYY',
    tables: {
      'kunden.csv': [
        ['kunde_nr', 'geschlecht', 'geburtsdatum', 'strasse'],
        ...bank.customers.map((one) => [zeros(one.i + 1, 6), 'mw'[one.sex]!, one.birth, `Weg ${one.i % 90}`]),
      ],
      'produkte.csv': [
        ['produkt', 'bezeichnung', 'gruppe'],
        ...bank.products.map(({ i, family }) => [400 + i, `Sparplan ${i}`, `Gruppe ${'ABCD'[family]}`]),
      ],
      'vertraege.csv': [
        ['vertrag_nr', 'produkt', 'abschluss', 'ende'],
        ...bank.holdings.map((h, i) => [
          `V${i}`,
          400 + h.product,
          day(h.opened),
          sold(h.closed) === null ? null : day(h.closed!),
        ]),
      ],
      'inhaber.csv': [['vertrag_nr', 'kunde_nr', 'rolle'], ...pairs],
    },
    customers: { tables: ['kunden.csv'], id: 'kunde_nr', rows: 800 },
    products: { tables: ['produkte.csv'], code: 'produkt', name: 'bezeichnung', class: 'gruppe', by: 'code' },
    holdings: {
      tables: ['vertraege.csv', 'inhaber.csv'],
      customer: 'kunde_nr',
      product: 'produkt',
      date: 'abschluss',
      closed: 'ende',
      rows: pairs.filter(([, , role]) => role !== 'Bevollmächtigter').length,
    },
    persons: ['strasse'],
    sql: [/JOIN .*inhaber\.csv.*coalesce\(l\.rolle, ''\) NOT IN \('Bevollmächtigter'\)/],
  };
}
