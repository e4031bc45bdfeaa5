import { AppError } from '@basketwise/core';
import { dayOf } from './calendar.ts';

/** Distribution of the number of products: a postal bank's, or one of two shapes with a lower mean. */
export type BasketSizes = 'postal' | 'S1' | 'S2';

/**
 * Distribution of purchases in time.
 * - steady: constant, except for a growth of a few percent a year. Each purchase is of a product on sale then, and launches grow
 * from nothing. Preferences depend on the customer's segment, age and sex.
 * - crowded, as in earlier versions of the sample bank: baskets are drawn first and dated afterwards. So purchases concentrate in
 * the last months, and launches begin at their peak. Customers' columns carry no information.
 */
export type Past = 'steady' | 'crowded';

/**
 * Course of the sales of a bank with a steady past, beside its seasons. Level: as the past has it. Falling: sales halve in the year that begins
 * two years before the reference date, and stay there. Spiking: the month that begins 31 months before the reference date sells three times
 * as much as others.
 */
export type Sales = 'level' | 'falling' | 'spiking';

/** Share of each basket size, from one product on, among customers with holdings; normalised before use. */
export const basketSizes: Readonly<Record<BasketSizes, readonly number[]>> = {
  postal: [0.46, 0.235, 0.125, 0.07, 0.042, 0.026, 0.016, 0.01, 0.0065, 0.0042, 0.003, 0.0023],
  S1: [0.78, 0.14, 0.05, 0.018, 0.007, 0.003, 0.0015, 0.0005],
  S2: [0.845, 0.104, 0.031, 0.012, 0.005, 0.002, 0.001],
};

/** Bank to generate. Omitted numbers have the sample bank's value. */
export interface BankOptions {
  /** Number of customers of the whole bank. */
  customers: number;
  /** Number of product names of the whole bank, 16 to 2000. Renewals add a few codes to them. Default 430. */
  products?: number;
  /** Default 1. */
  seed?: number;
  /** Reference date, YYYY-MM-DD. No contract is opened after it. Default 2022-08-31. */
  referenceDate?: string;
  /** Default postal. */
  basketSizes?: BasketSizes;
  /** Share of customers without holdings on the reference date. Default .11. */
  withoutHoldings?: number;
  /** Share of additional customers who come in the last three months. Default 0; with a crowded past .01. */
  newcomers?: number;
  /** Default steady. */
  past?: Past;
  /** Default level; others only with a steady past. */
  sales?: Sales;
}

/** Options with defaults, and the reference date as a day number. */
export interface SampleBank {
  customers: number;
  products: number;
  seed: number;
  referenceDay: number;
  basketSizes: BasketSizes;
  withoutHoldings: number;
  newcomers: number;
  past: Past;
  sales: Sales;
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

function checkedShare(name: string, value: number): number {
  return value >= 0 && value <= 1 ? value : refuseOption(name, value, 'a share of 0 .. 1');
}

/**
 * Checks options and fills in defaults.
 * @throws AppError usage for a value out of range
 */
export function bankOf(options: BankOptions): SampleBank {
  const sizes = options.basketSizes ?? 'postal';
  if (!(sizes in basketSizes)) refuseOption('basketSizes', sizes, `one of ${Object.keys(basketSizes).join(', ')}`);
  const past = options.past ?? 'steady';
  if (past !== 'steady' && past !== 'crowded') refuseOption('past', past, 'steady or crowded');
  const sales = options.sales ?? 'level';
  const courses = past === 'steady' ? ['level', 'falling', 'spiking'] : ['level'];
  if (!courses.includes(sales)) refuseOption('sales', sales, `one of ${courses.join(', ')} with a ${past} past`);
  return {
    customers: checkInteger('customers', options.customers, 1, 999_999_999),
    products: checkInteger('products', options.products ?? 430, 16, 2000),
    seed: checkInteger('seed', options.seed ?? 1, 0, Number.MAX_SAFE_INTEGER),
    referenceDay: day('referenceDate', options.referenceDate ?? sampleReferenceDate),
    basketSizes: sizes,
    withoutHoldings: checkedShare('withoutHoldings', options.withoutHoldings ?? 0.11),
    newcomers: checkedShare('newcomers', options.newcomers ?? (past === 'crowded' ? 0.01 : 0)),
    past,
    sales,
  };
}
