import {
  applyClusters,
  type ClusterModel,
  clusterContext,
  fitClusters,
  noSegment,
  readClusterModel,
  schemeOf,
  segmentQuery,
} from '@basketwise/clusters';
import type { EvaluationWindow, KernelPool } from '@basketwise/core';
import type { Snapshot } from '@basketwise/data';
import { datedClusters, type Settings, schemeAt, settingsPath } from '@basketwise/pipeline';
import type { ClusterOfCustomers, DatedClusters, SchemeClusters } from '@basketwise/recommend';

/**
 * Segments and clusters of the test customers. Segments come from columns as of the reference date. Clusters come from columns as
 * of the window's date if the history has these columns.
 */
export interface TestGroups {
  clusters: SchemeClusters;
  /**
   * Schemes whose clusters come from columns as of the window's date. Clusters of other schemes come from columns as of the
   * reference date.
   */
  asOf: ReadonlySet<string>;
  /** Clusters at earlier dates, with the same centres. */
  dated: DatedClusters;
  /** For each segment, the label of each customer who may be tested. */
  segments: ReadonlyMap<string, ReadonlyMap<number, string>>;
}

/**
 * Assigns the customers of a snapshot to clusters, by the model files of the config or by new fits. Also finds the segments of
 * the customers of a window.
 */
export async function testGroups(
  { pool, snapshot }: { pool: KernelPool; snapshot: Snapshot },
  settings: Settings,
  window: EvaluationWindow,
): Promise<TestGroups> {
  const { config } = settings;
  const clusters = new Map<string, ClusterOfCustomers>();
  const models = new Map<string, ClusterModel>();
  const asOf = new Set<string>();
  const now = clusterContext(pool, snapshot);
  for (const [name, { model: kept }] of Object.entries(config.clusters)) {
    const then = schemeAt(snapshot, config, name, window.at);
    if (then) asOf.add(name);
    const scheme = then?.scheme ?? schemeOf(name, config.clusters[name]!);
    const context = then ? { ...now, customers: { ...now.customers, from: then.from } } : now;
    const file = kept && settingsPath(settings, kept);
    const model = file ? await readClusterModel(file, `clusters.${name}.model`) : undefined;
    const found = model ? { model, assignment: await applyClusters(context, scheme, model) } : await fitClusters(context, scheme);
    models.set(name, found.model);
    clusters.set(name, { clusters: found.assignment.clusters, count: found.assignment.sizes.length });
  }
  const dated = datedClusters({ pool, snapshot, config }, async (scheme) => models.get(scheme));
  return { clusters, asOf, dated, segments: await readSegmentLabels(snapshot, settings, window) };
}

/** Finds the segments of the customers who opened a holding in the window. Only these customers can be tested. */
async function readSegmentLabels(
  { engine }: Snapshot,
  { config: { segments } }: Settings,
  { from, to }: EvaluationWindow,
): Promise<Map<string, Map<number, string>>> {
  const labels = new Map(Object.keys(segments).map((name) => [name, new Map<number, string>()]));
  if (labels.size === 0) return labels;
  const openers = `SELECT customer FROM holdings WHERE opened > DATE '${from}' AND opened <= DATE '${to}'`;
  const sql = segmentQuery(engine.dialect, segments, 'customer', `(SELECT * FROM customers WHERE customer IN (${openers})) AS c`);
  for await (const { rows, columns, nulls } of engine.query(sql, { place: 'segments' })) {
    const customer = columns.customer as Int32Array;
    for (const [name, of] of labels) {
      const [label, isNull] = [columns[name]!, nulls[name]];
      for (let i = 0; i < rows; i++) of.set(customer[i]!, isNull?.[i] ? noSegment : String(label[i]));
    }
  }
  return labels;
}

/** Labels of one customer: for each scheme the cluster, and for each segment its label. */
export function groupLabels({ clusters, segments }: TestGroups, customer: number): Map<string, string> {
  const labels = new Map<string, string>();
  for (const [scheme, { clusters: of }] of clusters) {
    labels.set(`cluster ${scheme}`, of[customer]! < 0 ? 'none' : String(of[customer]));
  }
  for (const [name, of] of segments) labels.set(`segment ${name}`, of.get(customer) ?? noSegment);
  return labels;
}
