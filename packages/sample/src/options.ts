import { AppError, exp } from '@basketwise/core';
import { dayOf } from './calendar.ts';
import type { Language } from './product-names.ts';

/** How the purchases of a bank are spread over the years. */
interface BankShape {
  /** Sales of a day relative to the day with the most sales, 0 to 1, by the months from the day to the reference date. */
  course: (months: number) => number;
  /** Maximum number of further draws of a day after a rejected one. A course that differs more between days needs more draws. */
  attempts: number;
  /** Years before the reference date in which no product is launched or ended and no preference changes. */
  quietYears: number;
}

/**
 * Shapes of a bank, in addition to the seasons and a growth of a few percent a year.
 * - level: no other change
 * - falling: sales halve within the year that begins two years before the reference date, then stay at that level
 * - spiking: one month, which begins 31 months before the reference date, has three times the sales of other months
 * - quiet: level, and nothing is launched, ended or preferred anew for ten years
 */
export const bankShapes = {
  level: { course: () => 1, attempts: 6, quietYears: 0 },
  falling: {
    course: (months) => exp(-Math.LN2 * Math.min(1, Math.max(0, (24 - months) / 12))),
    attempts: 12,
    quietYears: 0,
  },
  spiking: { course: (months) => (months > 30 && months <= 31 ? 1 : 1 / 3), attempts: 24, quietYears: 0 },
  quiet: { course: () => 1, attempts: 6, quietYears: 10 },
} satisfies Record<string, BankShape>;

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
