// Numbers of customers that can be published: rounding, suppression, and their text. Loads no engine.
export {
  countText,
  countWords,
  dash,
  type PublishedCount,
  percent,
  percentOf,
  publishedCount,
  publishedMiddle,
  publishedRange,
  publishedShare,
  publishedValue,
  smallestPublished,
} from './published/published-count.ts';
export {
  type PartsOf,
  publishedCells,
  publishedParts,
  publishedRecord,
  publishedShares,
  publishedSizes,
} from './published/published-parts.ts';
