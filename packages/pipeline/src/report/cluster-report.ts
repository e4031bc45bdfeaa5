import { join } from 'node:path';
import {
  type ClusterProfile,
  choiceText,
  type Drift,
  driftOf,
  type KChoice,
  type LabelCounts,
  profileText,
  publishedChoice,
  publishedProfile,
} from '@basketwise/clusters';
import { readShaped, writeJson, writeWhole } from '@basketwise/data/base';
import { textTable } from '@basketwise/page';
import { z } from 'zod';

/** Content of `clusters.json`: profiles of the clusters, choices of the number of clusters, and drift. */
export interface ClusterReport {
  profiles: readonly ClusterProfile[];
  /** Cost by number of clusters, for each scheme whose k was chosen. The run that fitted the scheme computed it. */
  choices: readonly KChoice[];
  /** Change of each scheme's cluster sizes since the previous run, as population stability index. */
  drift: readonly Drift[];
}

/** Fields of the previous run's clusters.json that the drift needs. */
const previousClusters = z.object({
  profiles: z.array(z.object({ scheme: z.string(), sizes: z.array(z.number().nullable()).readonly() })),
});

/** Cluster sizes of each scheme, by cluster number. Sizes too small to publish count as 0. */
function sizesByScheme(profiles: readonly Pick<ClusterProfile, 'scheme' | 'sizes'>[]): Record<string, LabelCounts> {
  return Object.fromEntries(
    profiles.map(({ scheme, sizes }) => [scheme, Object.fromEntries(sizes.map((size, cluster) => [String(cluster), size ?? 0]))]),
  );
}

/**
 * Writes the results of clustering to `clusters.json` and, as text, to `clusters.txt`.
 * @param curves choices of the number of clusters, with their costs
 * @param previous folder of the previous run, for the drift
 */
export async function writeClusterReport(
  folder: string,
  found: readonly ClusterProfile[],
  curves: readonly KChoice[],
  previous?: string,
): Promise<ClusterReport> {
  const [profiles, choices] = [found.map(publishedProfile), curves.map(publishedChoice)];
  const before = previous === undefined ? undefined : await readShaped(join(previous, 'clusters.json'), previousClusters);
  const drift = before ? driftOf(sizesByScheme(before.profiles), sizesByScheme(profiles)) : [];
  const report = { profiles, choices, drift };
  await writeJson(join(folder, 'clusters.json'), report);
  const moved =
    drift.length === 0 ? [] : [textTable([['drift', 'PSI', ''], ...drift.map((d) => [d.name, d.psi.toFixed(4), d.verdict])])];
  await writeWhole(
    join(folder, 'clusters.txt'),
    [...profiles.map(profileText), ...choices.map(choiceText), ...moved].join('\n\n'),
  );
  return report;
}
