import type { Dialect } from '@basketwise/data';

/** Band of a segment: one value, a range of values, or the missing values. */
interface Band {
  label: string;
  null?: boolean | undefined;
  equals?: number | undefined;
  /** Lower end of the range, which belongs to the band. */
  from?: number | undefined;
  /** Lower end of the range, which does not belong to the band. */
  above?: number | undefined;
  /** Upper end of the range, which does not belong to the band. */
  to?: number | undefined;
}

/** Rule that gives every customer a label. The rule is a column with bands, a set of flags, or a crossing of other segments. */
type Segment = { column: string; bands: readonly Band[] } | { flags: readonly string[] } | { cross: readonly string[] };

export type Segments = Readonly<Record<string, Segment>>;

/** Separator between the labels of the crossed segments. */
const crossMark = ' | ';
/** Separator between the names of a customer's flags. */
const flagMark = '+';
/** Label of customers who have no flag. */
const noFlag = 'none';

/** Number of flags that a label of a flags segment stands for. */
export function flagsOf(label: string): number {
  return label === noFlag ? 0 : label.split(flagMark).length;
}

/** Number from the config as a literal of a 64-bit float that DuckDB and Hive read alike. */
function floatLiteral(value: number): string {
  return `(${value.toExponential()})`;
}

function bandCondition({ null: missing, equals, from, above, to }: Band, x: string): string {
  if (missing) return `${x} IS NULL`;
  if (equals !== undefined) return `${x} = ${floatLiteral(equals)}`;
  const bounds = [
    ...(from === undefined ? [] : [`${x} >= ${floatLiteral(from)}`]),
    ...(above === undefined ? [] : [`${x} > ${floatLiteral(above)}`]),
    ...(to === undefined ? [] : [`${x} < ${floatLiteral(to)}`]),
  ];
  return bounds.join(' AND ');
}

/** SQL expression of a segment's label: a CASE over bands, or over flags, or the labels of the crossed segments joined. */
function segmentExpression(dialect: Dialect, name: string, segments: Segments): string {
  const segment = segments[name]!;
  if ('bands' in segment) {
    const x = dialect.asNumber(dialect.identifier(segment.column));
    const cases = segment.bands.map((band) => `WHEN ${bandCondition(band, x)} THEN ${dialect.text(band.label)}`);
    return `CASE ${cases.join(' ')} END`;
  }
  if ('flags' in segment) {
    const held = segment.flags.map((column) => {
      return `CASE WHEN ${dialect.asNumber(dialect.identifier(column))} > 0 THEN ${dialect.text(column)} END`;
    });
    const joined = `concat_ws(${dialect.text(flagMark)}, ${held.join(', ')})`;
    return `CASE WHEN ${joined} = '' THEN ${dialect.text(noFlag)} ELSE ${joined} END`;
  }
  // Null parts become empty texts, because engines differ in concatenating null.
  const parts = segment.cross.map((other) => `coalesce(${segmentExpression(dialect, other, segments)}, '')`);
  return `concat(${parts.join(`, ${dialect.text(crossMark)}, `)})`;
}

/**
 * Query with the labels of every customer of a relation. Columns: `customer`, then one per segment in the order of the config.
 */
export function segmentQuery(dialect: Dialect, segments: Segments, customer: string, from: string): string {
  const columns = Object.keys(segments).map((name) => {
    return `${segmentExpression(dialect, name, segments)} AS ${dialect.identifier(name)}`;
  });
  return `SELECT ${[`${customer} AS customer`, ...columns].join(', ')} FROM ${from}`;
}

/** SQL relation, to put after FROM, with the labels of every customer: a column per segment. */
export function segmentLabels(dialect: Dialect, segments: Segments, from: string): string {
  return `(${segmentQuery(dialect, segments, '1', from)})`;
}
