import { type PlainDate, required } from '@basketwise/core/parts';
import type { FinishedRun } from '@basketwise/insight/parts';
import { customerContexts, readFeatureFile } from '@basketwise/pipeline/parts';
import { isColumn } from '@basketwise/recommend';
import type { CampaignTally } from './campaign-tally.ts';
import { featureDimensions, missingValue } from './customer-groups.ts';
import { publishedExposure } from './exposure.ts';
import { publishedLists } from './run-drift.ts';
import type { ValidationFile } from './validation-file.ts';

/** Exposure of the run's lists by each feature, other than pairs of features. Empty if the run has no features. */
export async function featureExposures(
  { snapshot, folder, config, referenceDate }: FinishedRun,
  campaigns: readonly string[],
  tallies: ReadonlyMap<string, CampaignTally>,
): Promise<ValidationFile['featureExposure']> {
  if (!snapshot.manifest.features?.columns.length) return [];
  const features = (await readFeatureFile(folder)).features.filter(isColumn);
  const contexts = await customerContexts(snapshot, features).at(referenceDate as PlainDate);
  if (contexts === null) return [];
  const groups = featureDimensions(contexts, snapshot.customerCount).map(({ by, labels, codes }) => {
    return { by, labels: [...labels, missingValue], codes: codes.map((code) => (code < 0 ? labels.length : code)) };
  });
  const count = (labels: readonly string[], codes: Int16Array, isIn: (customer: number) => boolean) => {
    const counts = labels.map(() => 0);
    for (const [customer, code] of codes.entries()) if (isIn(customer)) counts[code]!++;
    return counts;
  };
  const all = new Map(groups.map(({ by, labels, codes }) => [by, count(labels, codes, () => true)]));
  const found: ValidationFile['featureExposure'] = [];
  for (const campaign of campaigns) {
    const served = new Uint8Array(snapshot.customerCount);
    const { first } = publishedLists(snapshot.engine, { folder, config }, campaign);
    const sql = `SELECT c.customer FROM ${first} r JOIN customers c ON r.customer = c.id`;
    for await (const { rows, columns } of snapshot.engine.query(sql, { place: 'recommendations' })) {
      const customer = columns.customer as Int32Array;
      for (let i = 0; i < rows; i++) served[customer[i]!] = 1;
    }
    for (const { by, labels, codes } of groups) {
      const own = count(labels, codes, (customer) => served[customer] === 1);
      const sizes = required(all, by);
      const exposed = labels.flatMap((group, code) =>
        sizes[code] === 0 ? [] : [{ group, customers: sizes[code]!, served: own[code]!, probability: null }],
      );
      found.push(publishedExposure(by.replace(/^feature /, ''), campaign, exposed, tallies.get(campaign), by));
    }
  }
  return found;
}
