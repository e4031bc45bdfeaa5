import { queryRows, type Snapshot } from '@basketwise/data';
import type { ScoredWindow } from '@basketwise/insight';
import type { ProtectedColumn } from '@basketwise/pipeline';
import type { ClusterOfCustomers, CustomerContexts } from '@basketwise/recommend';

/** Dimension: a property of customers by which figures are reported. */
export interface Dimension {
  kind: 'history' | 'products held' | 'feature' | 'cluster' | 'protected';
  /** Name of the dimension: `history`, `products held`, `feature NAME`, `cluster NAME` or `protected NAME`. */
  by: string;
  labels: readonly string[];
  /** Position of each customer's label, i16[customers]; -1 for a customer without a label. */
  codes: Int16Array;
}

/** Greatest number of groups of a protected column. The rarer values are merged into one group. */
const mostGroups = 20;
/** Label of the group with the rarer values of a protected column. */
export const otherValues = 'other values';
/** Label of customers without a value. */
export const missingValue = 'missing';

/** Labels of the dimension `products held`. */
const heldLabels = ['none', '1', '2', '3', '4 and more'];

/** Dimensions of a window's customers, without the protected columns. */
export function dimensionsOf({ bank, groups }: Pick<ScoredWindow, 'bank' | 'groups'>): Dimension[] {
  const { csr, customers, contexts } = bank;
  const start = csr.memory.u32(csr.start, customers + 1);
  const held = Int16Array.from({ length: customers }, (_, i) => Math.min(4, start[i + 1]! - start[i]!));
  return [
    { kind: 'history', by: 'history', labels: ['none', 'some'], codes: held.map((count) => Math.min(1, count)) },
    { kind: 'products held', by: 'products held', labels: heldLabels, codes: held },
    ...(contexts ? featureDimensions(contexts, customers) : []),
    ...asOfWindow(groups).map(([scheme, { clusters, count }]) => ({
      kind: 'cluster' as const,
      by: `cluster ${scheme}`,
      labels: Array.from({ length: count }, (_, cluster) => String(cluster)),
      codes: clusters,
    })),
  ];
}

/** Clusters of customers as of the window's date. Clusters from today's columns are left out, because later purchases may affect them. */
function asOfWindow({ clusters, asOf }: ScoredWindow['groups']): [string, ClusterOfCustomers][] {
  return [...clusters].filter(([scheme]) => asOf.has(scheme));
}

/** One dimension for each feature, with the feature levels of the models as labels. */
export function featureDimensions({ features, codes, ofCustomer }: CustomerContexts, customers: number): Dimension[] {
  const width = features.length;
  return features.map(({ name, levels }, f) => ({
    kind: 'feature',
    by: `feature ${name}`,
    labels: levels,
    codes: Int16Array.from({ length: customers }, (_, customer) => codes[ofCustomer[customer]! * width + f]!),
  }));
}

/** SQL expression for the label of a protected column, over the customers of a snapshot. */
export function labelSql({ dialect }: Snapshot['engine'], { column, bands }: ProtectedColumn): string {
  const value = dialect.identifier(column);
  const missingIf = (one: string) => `WHEN ${one} IS NULL THEN ${dialect.text(missingValue)}`;
  if (bands === null) return `CASE ${missingIf(value)} ELSE CAST(${value} AS VARCHAR) END`;
  const number = dialect.asNumber(value);
  const cases = bands.map((bound, i) => {
    const label = i === 0 ? `below ${bound}` : `${bands[i - 1]} to below ${bound}`;
    return `WHEN ${number} < ${bound} THEN ${dialect.text(label)}`;
  });
  return `CASE ${missingIf(number)} ${cases.join(' ')} ELSE ${dialect.text(`${bands.at(-1)} and above`)} END`;
}

/**
 * Labels of a protected column in a snapshot, the most frequent first. The rarer labels are merged into one.
 * Null if the snapshot lacks the column.
 */
export async function protectedLabels(
  { engine, manifest }: Snapshot,
  column: ProtectedColumn,
): Promise<{ label: string; customers: number }[] | null> {
  if (!manifest.columns.some(({ name }) => name.toLowerCase() === column.column.toLowerCase())) return null;
  const sql = `SELECT ${labelSql(engine, column)} AS label, count(*) AS n FROM customers GROUP BY 1 ORDER BY 2 DESC, 1`;
  const rows = await queryRows(engine, sql, { place: 'validation.protected' });
  const groups = rows.map(({ label, n }) => ({ label: String(label), customers: Number(n) }));
  if (groups.length <= mostGroups) return groups;
  const rare = groups.slice(mostGroups - 1).reduce((sum, { customers }) => sum + customers, 0);
  return [...groups.slice(0, mostGroups - 1), { label: otherValues, customers: rare }];
}

/** Dimension name of a protected column. */
export function protectedName(column: string): string {
  return `protected ${column}`;
}

/** Whether a dimension name belongs to a protected column. */
export function isProtectedName(by: string): boolean {
  return by.startsWith(protectedName(''));
}

/** Dimension of a protected column; null if the snapshot lacks the column. */
export async function protectedDimension(snapshot: Snapshot, column: ProtectedColumn): Promise<Dimension | null> {
  const found = await protectedLabels(snapshot, column);
  if (found === null) return null;
  const labels = found.map(({ label }) => label);
  const codeOf = new Map(labels.map((label, code) => [label, code]));
  const codes = new Int16Array(snapshot.customerCount);
  const sql = `SELECT customer, ${labelSql(snapshot.engine, column)} AS label FROM customers`;
  for await (const { rows, columns } of snapshot.engine.query(sql, { place: 'validation.protected' })) {
    const [customer, label] = [columns.customer as Int32Array, columns.label!];
    for (let i = 0; i < rows; i++) codes[customer[i]!] = codeOf.get(String(label[i])) ?? labels.length - 1;
  }
  return { kind: 'protected', by: protectedName(column.column), labels, codes };
}
