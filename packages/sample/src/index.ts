export { dateOf } from './calendar.ts';
export { type Catalog, drawCatalog, type ProductCode, type ProductLine } from './catalog.ts';
export { type SampleConfigOptions, sampleConfig } from './config.ts';
export { drawHoldings, generateHoldings, type HoldingChunk, type HoldingOptions } from './holdings.ts';
export { type Bank, type BankOptions, type BasketSizes, bankOf, basketSizes, sampleReferenceDate } from './options.ts';
export type { PlantedRepulsion, PlantedRule, Plants } from './plants.ts';
