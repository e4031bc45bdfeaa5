/** Reason of a product in a list: it is popular, a product is held, or customers with this level of a feature purchase it. */
export type Reason = { of: 'popular' } | { of: 'holding'; code: string } | { of: 'feature'; feature: string; level: string };

const holds = 'holds ';

/** Reads a reason in the job's format: `popular`, `holds CODE`, `FEATURE LEVEL`. @param features names of features */
export function parseReason(text: string, features: readonly string[]): Reason {
  if (text.startsWith(holds)) return { of: 'holding', code: text.slice(holds.length) };
  const feature = features.filter((name) => text.startsWith(`${name} `)).sort((a, b) => b.length - a.length)[0];
  return feature === undefined ? { of: 'popular' } : { of: 'feature', feature, level: text.slice(feature.length + 1) };
}
