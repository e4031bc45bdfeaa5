import { AppError } from '@basketwise/core';
import { dayOf } from './calendar.ts';

/** Distribution of the number of products per customer. `postal`: a postal bank's. `S1`, `S2`: two distributions with a lower mean. */
export type BasketSizes = 'postal' | 'S1' | 'S2';

/**
 * How the purchases of a generated bank are distributed in time.
 * - steady: the purchase rate is constant, except for a growth of a few percent a year. Each product is purchased while it is on sale, and sales of
 * new products start at zero. Preferences depend on the customer's segment, age and sex.
 * - crowded: baskets are drawn first and dated afterwards. Purchases therefore concentrate in the last months, and sales of new products start at
 * their peak. Customer columns carry no information about purchases.
 */
export type Past = 'steady' | 'crowded';

/**
 * Course of the sales of a bank with `past: 'steady'`, in addition to the seasons. `level`: no other change. `falling`: sales halve within the year
 * that begins two years before the reference date, then stay at that level. `spiking`: one month, which begins 31 months before the reference date,
 * has three times the sales of other months.
 */
export type Sales = 'level' | 'falling' | 'spiking';

/** Relative frequency of each number of products among customers with holdings. Element i is for i + 1 products. Normalised before use. */
export const basketSizes: Readonly<Record<BasketSizes, readonly number[]>> = {
  postal: [0.46, 0.235, 0.125, 0.07, 0.042, 0.026, 0.016, 0.01, 0.0065, 0.0042, 0.003, 0.0023],
  S1: [0.78, 0.14, 0.05, 0.018, 0.007, 0.003, 0.0015, 0.0005],
  S2: [0.845, 0.104, 0.031, 0.012, 0.005, 0.002, 0.001],
};

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
  /** Distribution of the number of products per customer. Default postal. */
  basketSizes?: BasketSizes;
  /** Share of customers without open contracts on the reference date, 0 to 1. Default 0.11. */
  withoutHoldings?: number;
  /** Share of customers who are newcomers: their first purchase is in the last three months. Default 0; with `past: 'crowded'` 0.01. */
  newcomers?: number;
  /** Distribution of purchases in time. Default steady. */
  past?: Past;
  /** Course of sales. Default level. With `past: 'crowded'` only level is possible. */
  sales?: Sales;
  /**
   * Years before the reference date, 0 to 12, in which no product is launched or ended and no preference changes. Default 0. With `past: 'crowded'` only 0
   * is possible.
   */
  quietYears?: number;
}

/** Largest value of `quietYears`. */
const mostQuietYears = 12;

/** Options with defaults filled in, and the reference date as days since 1970-01-01. */
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
  quietYears: number;
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
 * Checks the options of a bank and fills in the defaults.
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
  const most = past === 'steady' ? mostQuietYears : 0;
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
    quietYears: checkInteger('quietYears', options.quietYears ?? 0, 0, most),
  };
}
