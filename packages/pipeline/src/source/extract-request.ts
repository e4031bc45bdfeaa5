import { type ExtractRequest, fromWorkTables, type NamedPredicate } from '@basketwise/data';
import { schemeColumn } from '../clusters/scheme.ts';
import type { Config } from '../config/schema.ts';
import { workTablesIn } from '../drivers/drivers.ts';
import type { PlainDate } from '../values/plain-date.ts';

/** The customer columns that a config needs, each as number where anything counts with it. */
function neededColumns(config: Config): ExtractRequest['columns'] {
  const needed = new Map<string, ExtractRequest['columns'][number]>();
  // SQL does not tell names apart by case
  const has = (name: string) => needed.has(name.toLowerCase());
  const need = (columns: readonly string[], kind: 'number' | 'text') => {
    for (const name of columns) if (kind === 'number' || !has(name)) needed.set(name.toLowerCase(), { name, kind });
  };
  for (const cluster of Object.values(config.clusters)) {
    need(cluster.numeric, 'number');
    need(cluster.categorical, 'text');
  }
  for (const segment of Object.values(config.segments)) {
    // Segments read text as numbers themselves: a cluster's category stays as it is written.
    const columns = 'bands' in segment ? [segment.column] : 'flags' in segment ? segment.flags : [];
    need(
      columns.filter((column) => !has(column)),
      'number',
    );
  }
  return [...needed.values()];
}

/** What a config wants extracted: from the work tables, where there are some. */
export function extractRequest(config: Config, referenceDate: PlainDate): ExtractRequest {
  const request = sourceRequest(config, referenceDate);
  const workTables = workTablesIn(config.source);
  return workTables ? fromWorkTables(request, workTables) : request;
}

/** What a config wants of the bank's own tables. */
export function sourceRequest(config: Config, referenceDate: PlainDate): ExtractRequest {
  const { customers, products, holdings } = config.tables;
  const predicates = Object.entries(config.clusters).flatMap(([scheme, { where }]): NamedPredicate[] =>
    where === undefined ? [] : [{ name: schemeColumn(scheme), sql: where, place: `clusters.${scheme}.where` }],
  );
  const { sale_end: saleEnd, ...product } = products;
  return {
    referenceDate,
    timeZone: config.source.time_zone,
    customers,
    products: { ...product, saleEnd },
    holdings,
    derive: config.derive,
    columns: neededColumns(config),
    predicates,
    classes: namedClasses(config),
    rules: config.rules,
  };
}

/** Every class that a config names, with its key. */
function namedClasses({ campaigns, rules }: Config): NonNullable<ExtractRequest['classes']> {
  return [
    ...Object.entries(campaigns).flatMap(([name, { class: of, columns = [of] }]) =>
      columns.map((column) => ({ name: column, place: `campaigns.${name}` })),
    ),
    ...rules.flatMap(({ class: of }, i) => (of === undefined ? [] : [{ name: of, place: `rules[${i}].class` }])),
  ];
}
