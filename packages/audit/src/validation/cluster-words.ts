import { formatNumber } from '@basketwise/page';
import type { ReportFacts } from './run-facts.ts';
import type { ValidationFile } from './validation-file.ts';

type Profile = ReportFacts['clusterProfiles'][number];

/** Number of columns that describe a cluster. */
const namedColumns = 3;
/** A column describes a cluster only if the clusters explain at least this share of its variance. */
const leastExplained = 0.2;

/** Difference of a cluster from all customers in a column. */
interface Difference {
  text: string;
  /** Difference of the means, over the standard deviation of the clusters' means; times the share that clusters explain. */
  size: number;
}

/** Difference of cluster `at` in a numeric column, from the published means. Null if a mean is not published. */
function differenceIn(feature: Profile['features'][number], at: number): Difference | null {
  if (feature.kind !== 'number' || feature.explained < leastExplained) return null;
  const { column, mean, explained } = feature;
  const [all, ...means] = mean;
  const own = means[at];
  if (all === null || all === undefined || own === null || own === undefined) return null;
  const known = means.filter((one) => one !== null);
  const spread = Math.sqrt(known.reduce((sum, one) => sum + (one - all) ** 2, 0) / known.length);
  if (spread === 0) return null;
  const text = `${column} ${formatNumber(own)} (all: ${formatNumber(all)})`;
  return { text, size: (explained * Math.abs(own - all)) / spread };
}

/** Clusters of the schemes that campaigns use, each with its size and the columns by which it differs most. */
export function clusterWords(profiles: readonly Profile[], used: ReadonlySet<string>): ValidationFile['clusters'] {
  return profiles
    .filter(({ scheme }) => used.has(scheme))
    .flatMap(({ scheme, features, sizes }) =>
      sizes.map((customers, cluster) => {
        const found = features.flatMap((feature) => differenceIn(feature, cluster) ?? []);
        const most = found.sort((a, b) => b.size - a.size).slice(0, namedColumns);
        return { scheme, cluster, customers, differs: most.map(({ text }) => text) };
      }),
    );
}
