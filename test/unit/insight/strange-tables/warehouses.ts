// Banks whose tables have versions, snapshots, or a column per product.
import { day, draws, holdingsOf, lastDay, type Tables } from '../../../e2e/cli/strange-banks.ts';
import { type Plain, plainBank, type Row, zeros } from './plain-bank.ts';

/** A drawn bank as files, and what is true of it on its last day. */
export interface DrawnBank {
  name: string;
  tables: Tables;
  /** Encoding of the files; absent: UTF-8. */
  encoding?: string;
  /** Format of all dates; absent: ISO. */
  dates?: string;
  /** Ids of the customers of the last day who consent to be addressed. */
  consenting: ReadonlySet<string>;
  /** Ids of all persons. */
  persons: ReadonlySet<string>;
  /** Products held on the last day by id: codes. */
  held: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Ends of months up to the last day of the banks. */
const monthEnds = (months: number) =>
  Array.from({ length: months }, (_, i) => (Date.UTC(2024, i + 1 - months, 0) - Date.UTC(2019, 0, 1)) / 86_400_000);

/** Languages of the names of columns and of the flag of the current version. */
const dialects = [
  {
    ...{ customer: 'customer_id', surrogate: 'customer_sk', from: 'valid_from', to: 'valid_to', current: 'is_current' },
    ...{ birth: 'birth_date', branch: 'branch_no', consent: 'marketing_consent', product: 'product_code', account: 'account_no' },
    ...{
      month: 'month_end',
      balance: 'balance',
      opened: 'open_date',
      name: 'product_name',
      class: 'category',
      yes: 'Y',
      no: 'N',
    },
    ...{ customers: 'dim_customer.csv', products: 'dim_product.csv', accounts: 'fact_account_snapshot.csv', wide: 'members.csv' },
  },
  {
    ...{ customer: 'kundennr', surrogate: 'kunde_key', from: 'gueltig_von', to: 'gueltig_bis', current: 'ist_aktuell' },
    ...{ birth: 'geburtsdatum', branch: 'filiale', consent: 'werbung_einwilligung', product: 'produkt', account: 'kontonummer' },
    ...{ month: 'stichtag', balance: 'saldo', opened: 'eroeffnet', name: 'bezeichnung', class: 'sparte', yes: 'J', no: 'N' },
    ...{ customers: 'd_kunde.csv', products: 'd_produkt.csv', accounts: 'f_konto_stichtag.csv', wide: 'kunden_breit.csv' },
  },
  {
    ...{ customer: 'id_cliente', surrogate: 'sk_cliente', from: 'vigencia_desde', to: 'vigencia_hasta', current: 'es_vigente' },
    ...{
      birth: 'fecha_nacimiento',
      branch: 'oficina',
      consent: 'consentimiento',
      product: 'cod_producto',
      account: 'num_cuenta',
    },
    ...{ month: 'fecha_dato', balance: 'saldo', opened: 'fecha_apertura', name: 'nombre', class: 'familia', yes: 'S', no: 'N' },
    ...{ customers: 'dim_clientes.csv', products: 'dim_productos.csv', accounts: 'fct_cuentas_mes.csv', wide: 'clientes.csv' },
  },
] as const;

/** Product columns of wide tables, as credit unions name them. */
const wideProducts = ['savings', 'checking', 'auto_loan', 'mortgage', 'credit_card', 'certificate', 'insurance', 'investment'];

type Draw = (n: number) => number;

/** Draws of a bank. Neighbouring seeds are mixed, because the first draws of the generator grow with its seed. */
export function drawsOf(seed: number): Draw {
  const mixed = Math.imul(seed ^ (seed >>> 7) ^ 0x5bd1e995, 0x9e3779b1);
  return draws(mixed ^ (mixed >>> 15));
}

export const pick = <T>(draw: Draw, all: readonly T[]): T => all[draw(all.length)]!;

/** Holdings of a bank on a day: products by customer. A customer has a product in one account at a time. */
export function accountsOf({ holdings }: Plain) {
  const taken = new Set<string>();
  return holdings.filter(({ customer, product, closed, opened }) => {
    const key = `${customer} ${product}`;
    if (taken.has(key) || (closed !== null && closed <= opened)) return false;
    taken.add(key);
    return true;
  });
}

export function truthOf(
  bank: Plain,
  idOf: (i: number) => string,
  agrees: (i: number) => boolean,
  codeOf: (i: number) => string,
  lives: ReturnType<typeof accountsOf>,
) {
  const held = new Map<string, Set<string>>();
  for (const { customer, product, closed } of lives) {
    if (closed !== null && closed <= lastDay) continue;
    const own = held.get(idOf(customer)) ?? new Set();
    held.set(idOf(customer), own.add(codeOf(product)));
  }
  const ids = bank.customers.map(({ i }) => i);
  return { held, persons: new Set(ids.map(idOf)), consenting: new Set(ids.filter(agrees).map(idOf)) };
}

/**
 * A data warehouse: versions of customers with a surrogate key, and monthly snapshots of accounts. Drawn are: the language, ranges
 * that share their day or not, the last end (9999 or none), a flag or a range alone, the key in the accounts, days of opening, versions
 * of products, and snapshots of customers instead of versions.
 */
export function drawnWarehouse(seed: number): DrawnBank {
  const draw = drawsOf(seed);
  const words = pick(draw, dialects);
  const bank = plainBank(seed + 500, 150 + draw(60), 10 + draw(6));
  const lives = accountsOf(bank);
  const months = monthEnds(8 + draw(8));
  const start = months[0]!;
  const idOf = (i: number) => `P${zeros(i + 100, 6)}`;
  const codeOf = (i: number) => `Q${100 + i}`;
  const asSnapshots = draw(4) === 0;
  const asSurrogate = !asSnapshots && draw(3) > 0;
  const [isLastDay, isFar, hasFlag, hasOpened, hasProductVersions] = [
    draw(2) === 0,
    draw(2) === 0,
    draw(2) === 0,
    draw(2) === 0,
    draw(3) === 0,
  ];
  // The consent of every sixth customer is withdrawn in a later version; that of some is given later.
  const versions = bank.customers.map(({ i, agrees }) => {
    const changes = Array.from({ length: draw(4) }, () => start + 10 + draw(lastDay - start - 20)).sort((a, b) => a - b);
    const days = [start - 400 - draw(300), ...new Set(changes)];
    return days.map((at, n) => ({ at, agrees: n === 0 ? agrees : draw(2) === 0, branch: 1 + draw(30), i }));
  });
  const yes = (is: boolean) => (is ? words.yes : words.no);
  const consents = versions.map((all) => all.at(-1)!.agrees);
  let surrogate = 0;
  const rowsOf: Row[] = [];
  const keys = versions.map((all) =>
    all.map(({ at, agrees, branch, i }, n) => {
      surrogate++;
      const next = all[n + 1]?.at;
      const end = next === undefined ? (isFar ? '9999-12-31' : null) : day(isLastDay ? next - 1 : next);
      const flag = hasFlag ? [yes(next === undefined)] : [];
      rowsOf.push([surrogate, idOf(i), bank.customers[i]!.birth, branch, yes(agrees), day(at), end, ...flag]);
      return { at, surrogate };
    }),
  );
  const stateAt = (i: number, at: number) => versions[i]!.findLast((one) => one.at <= at)!;
  const monthly = months.flatMap((at) =>
    bank.customers.map(({ i, birth }): Row => [day(at), idOf(i), birth, stateAt(i, at).branch, yes(stateAt(i, at).agrees)]),
  );
  const customers: Row[] = asSnapshots
    ? [[words.month, words.customer, words.birth, words.branch, words.consent], ...monthly]
    : [
        [
          words.surrogate,
          words.customer,
          words.birth,
          words.branch,
          words.consent,
          words.from,
          words.to,
          ...(hasFlag ? [words.current] : []),
        ],
        ...rowsOf,
      ];
  const keyAt = (i: number, at: number) => keys[i]!.findLast((one) => one.at <= at)!.surrogate;
  const productVersions = bank.products.flatMap(({ i, family }): Row[] =>
    [start - 900, ...(i % 3 === 0 ? [start + 50] : [])].map((at, n, all) => [
      ...[i * 2 + n + 1, codeOf(i), `Plan no. ${i}${n < all.length - 1 ? ' (old)' : ''}`, `Family ${family}`],
      ...[day(at), n < all.length - 1 ? day(start + 50) : null],
    ]),
  );
  const productKey = (i: number, at: number) => (i % 3 === 0 && at >= start + 50 ? i * 2 + 2 : i * 2 + 1);
  const products: Row[] = hasProductVersions
    ? [['product_sk', words.product, words.name, words.class, words.from, words.to], ...productVersions]
    : [
        [words.product, words.name, words.class],
        ...bank.products.map(({ i, family }): Row => [codeOf(i), `Plan no. ${i}`, `Family ${family}`]),
      ];
  const accounts = months.flatMap((at) =>
    lives.flatMap(({ customer, product, opened, closed }, n): Row[] => {
      if (opened > at || (closed !== null && closed <= at)) return [];
      return [
        [
          ...[`A${zeros(n, 7)}`, asSurrogate ? keyAt(customer, at) : idOf(customer)],
          ...[hasProductVersions ? productKey(product, at) : codeOf(product), day(at), 100 + draw(9000)],
          ...(hasOpened ? [day(opened)] : []),
        ],
      ];
    }),
  );
  const heads: Row = [
    ...[words.account, asSurrogate ? words.surrogate : words.customer, hasProductVersions ? 'product_sk' : words.product],
    ...[words.month, words.balance, ...(hasOpened ? [words.opened] : [])],
  ];
  const shape = [
    asSnapshots
      ? 'customers monthly'
      : `versions${hasFlag ? ', flag' : ''}${isLastDay ? ', last days' : ''}${isFar ? ', 9999' : ''}`,
    ...(asSurrogate ? ['surrogate'] : []),
    ...(hasOpened ? ['days of opening'] : []),
    ...(hasProductVersions ? ['versions of products'] : []),
  ];
  return {
    name: `warehouse ${seed} (${words.customer}; ${shape.join('; ')})`,
    tables: { [words.customers]: customers, [words.products]: products, [words.accounts]: [heads, ...accounts] } as Tables,
    ...truthOf(bank, idOf, (i) => consents[i]!, codeOf, lives),
  };
}

/**
 * One wide table with a column per product. Drawn are: Y/N, 1/0 or balances (0 or none without the product), one month or several,
 * the words around the names of products, and a table of branches.
 */
export function drawnWideBank(seed: number): DrawnBank {
  const draw = drawsOf(seed + 10_000);
  const words = pick(draw, dialects);
  const plain = plainBank(seed + 900, 150 + draw(60), wideProducts.length);
  const bank = { ...plain, holdings: holdingsOf(seed + 901, plain.customers.length, wideProducts.length) };
  const lives = accountsOf(bank);
  const months = draw(3) === 0 ? [lastDay] : monthEnds(6 + draw(12));
  const [prefix, suffix] = pick(draw, [
    ['', ''],
    ['ind_', '_fin_ult1'],
    ['has_', ''],
    ['', '_flag'],
  ] as const);
  const kind = pick(draw, ['yes', 'digit', 'balance', 'blank'] as const);
  const isBalance = kind === 'balance' || kind === 'blank';
  const columnOf = (i: number) => (isBalance ? `${wideProducts[i]}_balance` : `${prefix}${wideProducts[i]}${suffix}`);
  const idOf = (i: number) => `${70_000 + i}`;
  const cell = (is: boolean): string | number | null => {
    if (kind === 'yes') return is ? words.yes : words.no;
    if (kind === 'digit') return is ? 1 : 0;
    return is ? 10 + draw(9000) : kind === 'balance' ? 0 : null;
  };
  const heldAt = months.map((at) => {
    const keys = lives.filter(({ opened, closed }) => opened <= at && (closed === null || closed > at));
    return new Set(keys.map(({ customer, product }) => `${customer} ${product}`));
  });
  const hasMonth = months.length > 1 || draw(2) === 0;
  const rows = months.flatMap((at, m) =>
    bank.customers.map(
      ({ i, birth, branch, agrees }): Row => [
        ...(hasMonth ? [day(at)] : []),
        ...[idOf(i), birth, branch, agrees ? words.yes : words.no],
        ...wideProducts.map((_, product) => cell(heldAt[m]!.has(`${i} ${product}`))),
      ],
    ),
  );
  const head = [
    ...(hasMonth ? [words.month] : []),
    words.customer,
    words.birth,
    words.branch,
    words.consent,
    ...wideProducts.map((_, i) => columnOf(i)),
  ];
  const branches: Tables =
    draw(2) === 0
      ? {
          'branches.csv': [
            [words.branch, 'town'],
            ...Array.from({ length: 40 }, (_, i): Row => [i + 1, `Town ${i}`]),
          ] as Tables[string],
        }
      : {};
  return {
    name: `wide ${seed} (${words.customer}; ${kind}; ${columnOf(0)}; ${months.length} months)`,
    tables: { [words.wide]: [head, ...rows] as Tables[string], ...branches },
    ...truthOf(bank, idOf, (i) => bank.customers[i]!.agrees, columnOf, lives),
  };
}
