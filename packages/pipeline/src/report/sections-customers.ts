import type { ClusterProfile } from '@basketwise/clusters';
import { percent } from '@basketwise/data/base';
import { type Cell, type Html, html, table } from '@basketwise/page';
import { barChart, heatMap, lineChart } from '@basketwise/page/charts';
import type { PublicReport } from './run-report.ts';

/** Largest number of features in the chart of a cluster scheme. */
const shownFeatures = 16;

function profileTable({ scheme, k, features }: ClusterProfile): Html {
  const clusters = Array.from({ length: k }, (_, cluster) => `cluster ${cluster}`);
  const rows = features.map((feature): Cell[] => {
    const values =
      feature.kind === 'number'
        ? feature.median
        : feature.top.map(([first]) => (first ? `${first.category ?? 'missing'} ${percent(first.share)}` : null));
    const [all, ...each] = values;
    return [feature.column, percent(feature.explained), all ?? null, ...clusters.map((_, cluster) => each[cluster] ?? null)];
  });
  const caption = `${scheme}: medians, or the most frequent category with its share`;
  return table(caption, ['feature', 'explained', 'all', ...clusters], rows);
}

function profileSection(of: ClusterProfile): Html {
  const sizes = of.sizes.map((size, cluster) => ({ label: `cluster ${cluster}`, value: size }));
  const explained = of.features
    .slice(0, shownFeatures)
    .map(({ column, explained }) => ({ label: column, value: explained * 100 }));
  return html`<h3>${of.scheme}</h3><p class="note">${of.method}, ${of.k} clusters of ${of.customers} customers.</p>
${barChart(`${of.scheme}: customers by cluster`, 'customers', sizes)}
${barChart(`${of.scheme}: columns that distinguish the clusters`, '% explained', explained)}
${profileTable(of)}`;
}

/** Section on clusters: their sizes, the features that they explain best, and the cost curve from the run that fitted them. */
export function clusterSection({ clusterProfiles, clusterChoices }: PublicReport): Html | null {
  if (clusterProfiles.length === 0) return null;
  const curves = clusterChoices.map(({ scheme, trials, elbow, fittedOn }) =>
    lineChart(
      `${scheme}: cost by number of clusters${fittedOn ? `, fitted on ${fittedOn}` : ''}`,
      { x: 'clusters', y: 'cost' },
      trials.map(({ k, cost }) => ({ x: k, y: cost })),
      { x: elbow, label: 'knee' },
    ),
  );
  return html`${clusterProfiles.map(profileSection)}${curves}`;
}

/** Largest number of labels that the table of a segment shows completely. A longer table omits the labels with too few customers to publish. */
const shownLabels = 12;

/**
 * Rows of a segment's table. Flags have many combinations, most of them rare. A long table therefore omits rare labels, and ends with their number.
 */
function labelRows(labels: PublicReport['segments']['segments'][number]['labels']): Cell[][] {
  const shown = labels.length > shownLabels ? labels.filter(({ customers }) => customers !== null) : labels;
  const rows = shown.map(({ label, customers }): Cell[] => [label, customers]);
  const folded = labels.length - shown.length;
  return folded > 0 ? [...rows, [`${folded} more, of too few customers to publish`, null]] : rows;
}

/** Section on segments: number of customers by label, and charts of crossings. */
export function segmentSection({ segments, drift }: PublicReport): Html | null {
  if (segments.segments.length === 0) return null;
  const labels = segments.segments
    .filter(({ name }) => !segments.crossTables.some((cross) => cross.name === name))
    .map(({ name, labels }) => table(name, ['segment', 'customers'], labelRows(labels)));
  const crossings = segments.crossTables.map(({ name, rows, columns, customers }) =>
    heatMap(
      `${name}: customers by ${rows.segment} and ${columns.segment}`,
      { x: rows.segment, y: columns.segment },
      rows.labels.flatMap((x, i) => columns.labels.map((y, j) => ({ x, y, value: customers[i]?.[j] ?? null }))),
    ),
  );
  const moved = drift.map(({ name, psi, verdict }): Cell[] => [name, psi, verdict]);
  return html`${labels}${crossings}
${moved.length > 0 ? table('Moved since the previous run (population stability index)', ['segment or clusters', 'PSI', ''], moved) : null}`;
}
