import { day, draws, type Holding, holdingsOf, lastDay, sold, type Tables } from '../../e2e/cli/strange-banks.ts';

type Cell = string | number | null;
type Row = readonly Cell[];

/** A strange bank, and the tables and keys that init must find. */
export interface StrangeBank {
  name: string;
  tables: Tables;
  delimiter?: string;
  encoding?: 'latin1' | 'cp949';
  /** The tables are in a DuckDB database. */
  isDatabase?: boolean;
  customers: { tables: readonly string[]; id: string; rows: number };
  products: { tables: readonly string[]; code: string; name: string; class: string; by: 'code' | 'name' };
  holdings: {
    tables: readonly string[];
    customer: string;
    product: string;
    date: string | null;
    closed: string | null;
    rows: number;
  };
  contacts?: string;
  /** Columns of persons, which are no features. */
  persons?: readonly string[];
  /** SQL of the config must contain these texts. */
  sql?: readonly RegExp[];
  /** Notes on things to be set by the person. */
  edits?: readonly string[];
}

/** Customers, products and holdings that the strange banks write in their ways. */
interface Plain {
  /** Number, first name, surname, sex, birth, branch, joined, consent. */
  customers: readonly {
    i: number;
    name: string;
    surname: string;
    sex: number;
    birth: string;
    branch: number;
    joined: string;
    agrees: boolean;
  }[];
  products: readonly { i: number; family: number }[];
  holdings: readonly Holding[];
  draw: (n: number) => number;
}

const givenNames = [
  'Ana',
  'Luis',
  'Eva',
  'Jon',
  'Mia',
  'Max',
  'Ida',
  'Ben',
  'Lea',
  'Tom',
  'Pia',
  'Kai',
  'Zoe',
  'Leo',
  'Noa',
  'Ute',
];
const surnames = [
  'Peña',
  'Müller',
  'Núñez',
  'Costa',
  'Weiß',
  'Dubois',
  'Lopes',
  'Roca',
  'Vidal',
  'Braun',
  'Petit',
  'Silva',
  'Moreau',
];

function plainBank(seed: number, customers: number, products: number, families = 4): Plain {
  const draw = draws(seed);
  return {
    draw,
    customers: Array.from({ length: customers }, (_, i) => ({
      ...{ i, name: givenNames[draw(16)]!, surname: surnames[draw(13)]!, sex: draw(2), birth: day(-24_000 + draw(18_000)) },
      ...{ branch: 1 + draw(40), joined: day(-3000 + draw(3000)), agrees: draw(3) > 0 },
    })),
    products: Array.from({ length: products }, (_, i) => ({ i, family: i % families })),
    holdings: holdingsOf(seed + 1, customers, products),
  };
}

const zeros = (i: number, width: number) => String(i).padStart(width, '0');
const families = ['Ahorro', 'Tarjetas', 'Préstamos', 'Fondos', 'Seguros', 'Pensiones'];
const offices = (n: number): Row[] => Array.from({ length: n }, (_, i) => [i + 1, `Oficina ${zeros(i + 1, 3)}`, 28_000 + i]);

/** A log of contacts about products, with more rows than contracts. */
function contactRows(
  { customers, products, draw }: Plain,
  rows: number,
  id: (i: number) => Cell,
  code: (i: number) => Cell,
): Row[] {
  const channels = ['TELEFONO', 'EMAIL', 'SMS', 'OFICINA'];
  const results = ['INTERESADO', 'NO CONTESTA', 'RECHAZA', 'NO INTERESADO'];
  return Array.from({ length: rows }, () => [
    ...[id(draw(customers.length)), code(draw(products.length)), day(lastDay - draw(700)), channels[draw(4)]!, results[draw(4)]!],
  ]);
}

function contactLogBank(): StrangeBank {
  const bank = plainBank(11, 900, 30);
  const id = (i: number) => zeros(1200 + i, 8);
  const code = (i: number) => `P${zeros(i * 7 + 100, 4)}`;
  return {
    name: 'es: a log of contacts beside the contracts, with more rows, semicolons, Latin-1',
    delimiter: ';',
    encoding: 'latin1',
    tables: {
      'clientes.csv': [
        ['num_cliente', 'nombre', 'apellido', 'sexo', 'fecha_nacimiento', 'telefono', 'oficina'],
        ...bank.customers.map((one) => [
          id(one.i),
          one.name,
          one.surname,
          'HM'[one.sex]!,
          one.birth,
          600_000_000 + one.i,
          one.branch,
        ]),
      ],
      'contactos.csv': [['num_cliente', 'cod_producto', 'fecha', 'canal', 'resultado'], ...contactRows(bank, 6000, id, code)],
      'contratos.csv': [
        ['num_contrato', 'num_cliente', 'cod_producto', 'fecha_apertura', 'fecha_cierre', 'oficina'],
        ...bank.holdings.map((h, i) => [
          `C${i}`,
          id(h.customer),
          code(h.product),
          day(h.opened),
          sold(h.closed) === null ? null : day(h.closed!),
          1 + (i % 40),
        ]),
      ],
      'productos.csv': [
        ['cod_producto', 'descripcion', 'familia'],
        ...bank.products.map(({ i, family }) => [code(i), `${families[family]} ${i}`, families[family]!]),
      ],
      'oficinas.csv': [['oficina', 'nombre_oficina', 'cp'], ...offices(40)],
    },
    customers: { tables: ['clientes.csv'], id: 'num_cliente', rows: 900 },
    products: { tables: ['productos.csv'], code: 'cod_producto', name: 'descripcion', class: 'familia', by: 'code' },
    holdings: {
      tables: ['contratos.csv'],
      customer: 'num_cliente',
      product: 'cod_producto',
      date: 'fecha_apertura',
      closed: 'fecha_cierre',
      rows: bank.holdings.length,
    },
    contacts: 'contactos.csv',
    persons: ['nombre', 'apellido', 'telefono'],
  };
}

/** Codes of families, countries and offices in tables of their own; the catalogue has only numbers. */
function codeTableBank(): StrangeBank {
  const bank = plainBank(13, 600, 36, 6);
  return {
    name: 'es: codes of families and countries in tables of their own',
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

/** Ids repeated in up to 1 % of the customers, as copies or as other states. */
function repeatedBank(isCopy: boolean): StrangeBank {
  const bank = plainBank(17, 1500, 20);
  const kunde = (one: Plain['customers'][number], changed: number): Row => [
    ...[zeros(one.i + 31, 9), one.name, one.surname, 'mw'[one.sex]!, one.birth, changed ? 1 + changed : one.branch],
    day(changed ? lastDay - 3 : 100 + one.i),
  ];
  const repeats = bank.customers.slice(0, 12).map((one) => kunde(one, isCopy ? 0 : 1 + (one.i % 7)));
  return {
    name: `de: ids of customers repeated, ${isCopy ? 'as copies' : 'with other values'}`,
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
    sql: [isCopy ? /SELECT DISTINCT \*/ : /ORDER BY CASE WHEN geaendert_am IS NULL/],
  };
}

/** Customers in two tables with the same ids: persons, and what was agreed with them. */
function splitBank(): StrangeBank {
  const bank = plainBank(19, 700, 24);
  const id = (i: number) => zeros(i + 5, 7);
  return {
    name: 'es: customers in two tables with one row each',
    delimiter: ';',
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
function regionBank(): StrangeBank {
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

/** Joint holders: in a second column of customers. */
function secondColumnBank(): StrangeBank {
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

/** Joint holders: in a table of pairs; the contracts name no customer. */
function pairBank(): StrangeBank {
  const bank = plainBank(31, 800, 24);
  const pairs = bank.holdings.flatMap((h, i): Row[] => [
    [`V${i}`, zeros(h.customer + 1, 6), 'H'],
    ...(i % 6 === 0 ? [[`V${i}`, zeros(((h.customer + 7) % 800) + 1, 6), 'M']] : []),
  ]);
  return {
    name: 'de: holders of contracts in a table of pairs',
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
      rows: pairs.length,
    },
    persons: ['strasse'],
    sql: [/JOIN .*inhaber\.csv/],
  };
}

/** Korean files in CP949, with a log of contacts about no product. */
function koreanBank(): StrangeBank {
  const bank = plainBank(37, 700, 24);
  const classes = ['예금', '적금', '대출', '카드'];
  return {
    name: 'ko: CP949, and a log of contacts without products',
    encoding: 'cp949',
    tables: {
      '고객.csv': [
        ['고객번호', '고객명', '성별', '생년월일', '가입일자'],
        ...bank.customers.map((one) => [zeros(one.i, 10), `김${one.i % 9}`, '남여'[one.sex]!, one.birth, one.joined]),
      ],
      '상품.csv': [
        ['상품코드', '상품명', '상품분류'],
        ...bank.products.map(({ i, family }) => [`A${100 + i}`, `${classes[family]} ${i}호`, classes[family]!]),
      ],
      '계좌.csv': [
        ['계좌번호', '고객번호', '상품코드', '개설일자', '해지일자'],
        ...bank.holdings.map((h, i) => [
          `11-${i}`,
          zeros(h.customer, 10),
          `A${100 + h.product}`,
          day(h.opened),
          sold(h.closed) === null ? null : day(h.closed!),
        ]),
      ],
      '접촉이력.csv': [
        ['고객번호', '접촉일자', '채널', '결과'],
        ...Array.from({ length: 4000 }, () => [
          zeros(bank.draw(700), 10),
          day(lastDay - bank.draw(600)),
          ['전화', '문자', '이메일'][bank.draw(3)]!,
          ['부재', '거절', '관심'][bank.draw(3)]!,
        ]),
      ],
    },
    customers: { tables: ['고객.csv'], id: '고객번호', rows: 700 },
    products: { tables: ['상품.csv'], code: '상품코드', name: '상품명', class: '상품분류', by: 'code' },
    holdings: {
      tables: ['계좌.csv'],
      customer: '고객번호',
      product: '상품코드',
      date: '개설일자',
      closed: '해지일자',
      rows: bank.holdings.length,
    },
    contacts: '접촉이력.csv',
    persons: ['고객명'],
  };
}

/** A status with its day in place of a day of closing. */
function statusBank(): StrangeBank {
  const bank = plainBank(41, 700, 24);
  return {
    name: 'es: a status with its day in place of an end',
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

/** A database with transactions of accounts, and branches that fit like products. */
function databaseBank(): StrangeBank {
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

/** No dates at all. */
function dateless(): StrangeBank {
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

/** The strange banks; the first ones have the faults that cost most. */
export const strangeBanks: readonly (() => StrangeBank)[] = [
  ...[contactLogBank, splitBank, pairBank, codeTableBank, () => repeatedBank(true), () => repeatedBank(false)],
  ...[regionBank, secondColumnBank, koreanBank, statusBank, databaseBank, dateless],
];
