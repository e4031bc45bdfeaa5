import { AppError } from '@basketwise/core';
import { dayOf } from './calendar.ts';
import type { Language, ProductFamily } from './product-names.ts';

/** How the purchases of a bank are spread over the years and the products. Months are counted back from the reference date. */
interface BankShape {
  /** Sales of a day relative to the day with the most sales, 0 to 1. */
  course?: (months: number) => number;
  /** Sales of a product relative to those that its popularity gives, 0 to 1. */
  appeal?: (product: { family: ProductFamily; rank: number }, months: number) => number;
  /** Years before the reference date in which no product is launched or ended and no preference changes. */
  quietYears?: number;
}

/** Months before the reference date at which the sales of a shape change, and months that a slow change takes. */
const [change, slow] = [24, 12];

/**
 * Shapes of a bank, in addition to the seasons and a growth of a few percent a year. All changes are two years before the reference date.
 * - level: no other change
 * - halving, doubling: sales halve or double in a day, then stay at that level
 * - spiking: the third most popular deposit sells eight times as often for one month
 * - drifting: within a year, customers come to draw insurances four times as often relative to deposits
 * - quiet: level, and nothing is launched, ended or preferred anew for ten years
 */
const bankShapes: Readonly<Record<'level' | 'halving' | 'doubling' | 'spiking' | 'drifting' | 'quiet', BankShape>> = {
  level: {},
  halving: { course: (months) => (months > change ? 1 : 0.5) },
  doubling: { course: (months) => (months > change ? 0.5 : 1) },
  spiking: {
    course: (months) => (months > change && months <= change + 1 ? 1 : 0.64),
    appeal: ({ family, rank }, months) =>
      months <= change || months > change + 1 || (family === 'deposit' && rank === 3) ? 1 : 1 / 8,
  },
  drifting: {
    appeal({ family }, months) {
      const part = Math.min(1, Math.max(0, (change - months) / slow));
      return family === 'deposit' ? 1 - part / 2 : family === 'insurance' ? (1 + part) / 2 : 1;
    },
  },
  quiet: { quietYears: 10 },
};

/** Relative frequency of each number of products among customers with holdings. Element i is for i + 1 products. Normalised before use. */
export const basketSizes = [0.46, 0.235, 0.125, 0.07, 0.042, 0.026, 0.016, 0.01, 0.0065, 0.0042, 0.003, 0.0023];
/** Share of customers without open contracts on the reference date. */
export const withoutHoldings = 0.11;

/** Options of a bank to generate. Absent options have the value of the sample bank. */
export interface BankOptions {
  /** Number of customers of the whole bank, including customers outside a generated slice. */
  customers: number;
  /** Number of product names, 16 to 2000. Renewed products have an additional code. Default 430. */
  products?: number;
  /** Seed of all random draws. Default 1. */
  seed?: number;
  /** Reference date, YYYY-MM-DD. No contract is opened after it. Default 2022-08-31. */
  referenceDate?: string;
  /** Course of sales, and years without changes. Default level. */
  shape?: keyof typeof bankShapes;
  /** Language of the product names in the holdings. Default ko. */
  language?: Language;
}

/** Options with defaults filled in, and the reference date as days since 1970-01-01. */
export interface SampleBank {
  customers: number;
  products: number;
  seed: number;
  referenceDay: number;
  shape: BankShape;
  language: Language;
}

/** Reference date of the sample bank. */
export const sampleReferenceDate = '2022-08-31';

function refuseOption(name: string, value: unknown, range: string): never {
  throw new AppError('usage', `sample bank: ${name} ${value} is not ${range}`, `Choose ${name} in this range.`);
}

function checkInteger(name: string, value: number, least: number, most: number): number {
  return Number.isInteger(value) && value >= least && value <= most
    ? value
    : refuseOption(name, value, `an integer of ${least} .. ${most}`);
}

function day(name: string, value: string): number {
  return dayOf(value) ?? refuseOption(name, value, 'a day as YYYY-MM-DD');
}

/**
 * Checks the options of a bank and fills in the defaults.
 * @throws AppError usage for a value out of range
 */
export function bankOf(options: BankOptions): SampleBank {
  return {
    customers: checkInteger('customers', options.customers, 1, 999_999_999),
    products: checkInteger('products', options.products ?? 430, 16, 2000),
    seed: checkInteger('seed', options.seed ?? 1, 0, Number.MAX_SAFE_INTEGER),
    referenceDay: day('referenceDate', options.referenceDate ?? sampleReferenceDate),
    shape: bankShapes[options.shape ?? 'level'],
    language: options.language ?? 'ko',
  };
}
