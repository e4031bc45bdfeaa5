// Banks with further tables: codes, branches, transactions.
import { day, lastDay, sold } from '../../../e2e/cli/strange-banks.ts';
import { families, plainBank, type StrangeBank, surnames, zeros } from './plain-bank.ts';

/** Codes of families, countries and offices in tables of their own; the catalogue has only numbers. */
export function codeTableBank(): StrangeBank {
  const bank = plainBank(13, 600, 36, 6);
  return {
    name: 'es: codes of families and countries in tables of their own',
    dates: 'excel',
    tables: {
      'clientes.csv': [
        ['cliente', 'sexo', 'nacimiento', 'pais', 'oficina'],
        ...bank.customers.map((one) => [70_001 + one.i, one.sex, one.birth, 1 + (one.i % 30), one.branch]),
      ],
      'catalogo.csv': [
        ['codigo', 'descripcion', 'cod_familia', 'riesgo'],
        ...bank.products.map(({ i, family }) => [500 + i, `Producto número ${i}`, family + 1, 1 + (i % 5)]),
      ],
      'familias.csv': [['cod_familia', 'nombre'], ...families.map((name, i) => [i + 1, name])],
      'paises.csv': [['pais', 'nombre'], ...Array.from({ length: 40 }, (_, i) => [i + 1, `País ${i}`])],
      'posiciones.csv': [
        ['cliente', 'codigo', 'alta', 'baja'],
        ...bank.holdings.map((h) => [
          70_001 + h.customer,
          500 + h.product,
          day(h.opened),
          sold(h.closed) === null ? '9999-12-31' : day(h.closed!),
        ]),
      ],
    },
    customers: { tables: ['clientes.csv'], id: 'cliente', rows: 600 },
    products: {
      tables: ['catalogo.csv', 'familias.csv'],
      code: 'codigo',
      name: 'descripcion',
      class: 'cod_familia_name',
      by: 'code',
    },
    holdings: {
      tables: ['posiciones.csv'],
      customer: 'cliente',
      product: 'codigo',
      date: 'alta',
      closed: 'baja',
      rows: bank.holdings.length,
    },
    sql: [/LEFT JOIN .*familias\.csv/],
  };
}

/** A database with transactions of accounts, and branches that fit like products. */
export function databaseBank(): StrangeBank {
  const bank = plainBank(43, 600, 24);
  const account = (i: number) => zeros(i + 700, 10);
  return {
    name: 'en: a database, with transactions, branches and ids with leading zeros',
    isDatabase: true,
    tables: {
      'customer.csv': [
        ['cust_no', 'first_name', 'last_name', 'birth_date', 'branch_id', 'segment'],
        ...bank.customers.map((one) => [zeros(one.i + 1, 9), one.name, one.surname, one.birth, one.branch, 'ABC'[one.i % 3]!]),
      ],
      'branch.csv': [
        ['branch_id', 'branch_name'],
        ...Array.from({ length: 40 }, (_, i) => [i + 1, `Branch of ${surnames[i % 13]} ${i}`]),
      ],
      'item.csv': [
        ['item_id', 'item_name', 'item_group'],
        ...bank.products.map(({ i, family }) => [i + 1, `Account plan ${i}`, `Group ${family}`]),
      ],
      'account.csv': [
        ['account_no', 'cust_no', 'item_id', 'branch_id', 'open_date', 'close_date'],
        ...bank.holdings.map((h, i) => [
          account(i),
          zeros(h.customer + 1, 9),
          h.product + 1,
          bank.customers[h.customer]!.branch,
          day(h.opened),
          sold(h.closed) === null ? null : day(h.closed!),
        ]),
      ],
      'movement.csv': [
        ['account_no', 'cust_no', 'item_id', 'booked_on', 'amount'],
        ...Array.from({ length: 15_000 }, () => {
          const i = bank.draw(bank.holdings.length);
          const { customer, product } = bank.holdings[i]!;
          return [
            account(i),
            zeros(customer + 1, 9),
            product + 1,
            day(lastDay - bank.draw(400)),
            `${bank.draw(900)}.${10 + bank.draw(80)}`,
          ];
        }),
      ],
    },
    customers: { tables: ['customer'], id: 'cust_no', rows: 600 },
    products: { tables: ['item'], code: 'item_id', name: 'item_name', class: 'item_group', by: 'code' },
    holdings: {
      tables: ['account'],
      customer: 'cust_no',
      product: 'item_id',
      date: 'open_date',
      closed: 'close_date',
      rows: bank.holdings.length,
    },
    persons: ['first_name', 'last_name'],
  };
}
