export { type Catalog, drawCatalog, type ProductCode, type ProductLine } from './catalog.ts';
export { type SampleConfigOptions, sampleConfig } from './config.ts';
export type { HoldingRows } from './holding-rows.ts';
export { drawHoldings } from './holdings.ts';
export {
  type BankOptions,
  type BasketSizes,
  bankOf,
  basketSizes,
  type Past,
  type SampleBank,
  sampleReferenceDate,
} from './options.ts';
export { drawPersons } from './person.ts';
export type { PlantedRepulsion, PlantedRule, Plants } from './plants.ts';
