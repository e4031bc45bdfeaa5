import { day, draws, type Holding, holdingsOf, type Tables } from '../../../e2e/cli/strange-banks.ts';

export type Cell = string | number | null;
export type Row = readonly Cell[];

/** A strange bank, and the tables and keys that init must find. */
export interface StrangeBank {
  name: string;
  tables: Tables;
  delimiter?: string;
  /** Encoding of the files; absent: UTF-8. */
  encoding?: string;
  /** Format of all dates; absent: ISO. */
  dates?: string;
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
export interface Plain {
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

export const givenNames = 'Ana Luis Eva Jon Mia Max Ida Ben Lea Tom Pia Kai Zoe Leo Noa Ute'.split(' ');
export const surnames = 'Peña Müller Núñez Costa Weiß Dubois Lopes Roca Vidal Braun Petit Silva Moreau'.split(' ');

export function plainBank(seed: number, customers: number, products: number, families = 4): Plain {
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

export const zeros = (i: number, width: number) => String(i).padStart(width, '0');
export const families = ['Ahorro', 'Tarjetas', 'Préstamos', 'Fondos', 'Seguros', 'Pensiones'];
export const offices = (n: number): Row[] =>
  Array.from({ length: n }, (_, i) => [i + 1, `Oficina ${zeros(i + 1, 3)}`, 28_000 + i]);
