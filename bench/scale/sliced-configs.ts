import { sampleConfig } from '@basketwise/sample';
import { type ConfigTerms, withTerms } from './config-terms.ts';
import { configOfSlices } from './slices.ts';

/** Terms by which runs of one job differ. */
export interface SlicedTerms extends Omit<ConfigTerms, 'formats'> {
  memory: string;
}

/**
 * The sample's config with one campaign: insurance to all who have none, trained on all customers' deposits and insurance in four bands, 64
 * factors, 15 iterations, with the rule of consent; no clusters, no segments; Parquet in, Parquet out.
 */
export function crossSellConfig(terms: SlicedTerms): string {
  const config = sampleConfig({ model: 'als', path: '../data' });
  const [head, , rest] = cut(config, 'derive:', 'recency:');
  const [recency] = cut(rest, 'clusters:', 'rules:');
  const [, , tail] = cut(config, 'evaluate:', 'output:');
  const campaign = `${head}${recency}
rules:
  - { reason: NO_MARKETING_CONSENT, require: "CONSENT_YN = 'Y'" }
campaigns:
  insurance-cross:  { kind: cross, class: insurance, columns: [deposit, insurance] }
model: { kind: als, factors: 64, regularization: 40, alpha: 10, constant: 1, iterations: 15, seed: 0 }
top_n: 5
${tail}`;
  return withTerms(configOfSlices(campaign), terms);
}

/** The sample's config as it is, six campaigns with the default model, clusters and segments; Parquet in, Parquet out. */
export function nightConfig(terms: SlicedTerms): string {
  return withTerms(configOfSlices(sampleConfig({ path: '../data' })), terms);
}

/** A text before `from`, from there until `to`, and from `to` on. */
function cut(text: string, from: string, to: string): [string, string, string] {
  const [first, last] = [text.indexOf(`\n${from}`) + 1, text.indexOf(`\n${to}`) + 1];
  if (first === 0 || last < first) throw new Error(`the sample's config has no ${from} before ${to}`);
  return [text.slice(0, first), text.slice(first, last), text.slice(last)];
}
