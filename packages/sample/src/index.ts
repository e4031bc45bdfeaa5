export { type Catalog, drawCatalog, type ProductCode, type ProductLine } from './catalog.ts';
export { type SampleConfigOptions, sampleConfig } from './config.ts';
export type { HoldingRows } from './contracts.ts';
export { drawPersons } from './customers.ts';
export { drawHoldings } from './holdings.ts';
export {
  type BankOptions,
  bankOf,
  basketSizes,
  type SampleBank,
  sampleReferenceDate,
} from './options.ts';
export type { PlantedRepulsion, PlantedRule, Plants } from './plants.ts';
