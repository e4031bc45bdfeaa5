// Numbers of customers that can be published: rounding, suppression, and their text. Loads no engine.
export {
  countText,
  countWords,
  dash,
  hideBeside,
  type PublishedCount,
  percent,
  percentOf,
  publishedCount,
  publishedMiddle,
  publishedParts,
  publishedRange,
  publishedRecord,
  publishedShare,
  publishedShares,
  publishedValue,
  smallestPublished,
} from './published/published-count.ts';
