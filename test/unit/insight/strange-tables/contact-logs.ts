// Banks with a log of contacts beside the holdings.
import { day, lastDay, sold } from '../../../e2e/cli/strange-banks.ts';
import { type Cell, families, offices, type Plain, plainBank, type Row, type StrangeBank, zeros } from './plain-bank.ts';

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

export function contactLogBank(): StrangeBank {
  const bank = plainBank(11, 900, 30);
  const id = (i: number) => zeros(1200 + i, 8);
  const code = (i: number) => `P${zeros(i * 7 + 100, 4)}`;
  return {
    name: 'es: a log of contacts beside the contracts, with more rows, semicolons, Latin-1',
    delimiter: ';',
    encoding: 'latin1',
    dates: 'DD/MM/YYYY',
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

/** Korean files in CP949, with a log of contacts about no product. */
export function koreanBank(): StrangeBank {
  const bank = plainBank(37, 700, 24);
  const classes = ['예금', '적금', '대출', '카드'];
  return {
    name: 'ko: CP949, and a log of contacts without products',
    encoding: 'cp949',
    dates: 'YYYY.MM.DD',
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
