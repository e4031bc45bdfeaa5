import { type ColumnOrigin, recommendationColumns } from '@basketwise/data';
import { type Settings, settingsPath } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { Dataset } from '../drivers/driver.ts';
import { datasetOf } from '../drivers/drivers.ts';
import type { DataFigures } from './metrics.ts';
import type { RunResults } from './run-results.ts';

/** Producer of the lineage events, as a URI. */
const producer = 'urn:basketwise';

/** Facets of OpenLineage that the events have, each with the version of its schema. */
const facetVersions = {
  SchemaDatasetFacet: '1-2-0',
  ColumnLineageDatasetFacet: '1-2-0',
  DatasetVersionDatasetFacet: '1-0-1',
  DataQualityMetricsInputDatasetFacet: '1-0-3',
  OutputStatisticsOutputDatasetFacet: '1-0-2',
  NominalTimeRunFacet: '1-0-1',
  ErrorMessageRunFacet: '1-0-1',
  ProcessingEngineRunFacet: '1-1-1',
  JobTypeJobFacet: '2-0-4',
} as const;

function facet<T extends object>(name: keyof typeof facetVersions, content: T) {
  const url = `https://openlineage.io/spec/facets/${facetVersions[name]}/${name}.json#/$defs/${name}`;
  return { _producer: producer, _schemaURL: url, ...content };
}

/** Run that lineage events are about. */
export interface LineageRun {
  settings: Settings;
  /** UUID of this execution of the run. */
  id: string;
  referenceDate: string;
  version: string;
}

/** Event of a run's start. */
export function startEvent(run: LineageRun, at: Date) {
  return { ...eventOf(run, 'START', at), inputs: inputsOf(run.settings, null), outputs: [] };
}

/** Event of a run's end: its inputs and, if the run succeeded, its outputs. */
export function endEvent(run: LineageRun, results: RunResults, data: DataFigures | null) {
  const { error, status, endedAt } = results;
  const type = status === 'finished' ? 'COMPLETE' : status === 'stopped' ? 'ABORT' : 'FAIL';
  const event = eventOf(run, type, new Date(endedAt));
  const failed = error && {
    errorMessage: facet('ErrorMessageRunFacet', { message: error.message, programmingLanguage: 'TypeScript' }),
  };
  return {
    ...event,
    run: { ...event.run, facets: { ...event.run.facets, ...failed } },
    inputs: inputsOf(run.settings, data),
    outputs: status === 'finished' ? outputDatasets(run.settings, results) : [],
  };
}

function eventOf({ settings, id, referenceDate, version }: LineageRun, eventType: string, at: Date) {
  return {
    eventType,
    eventTime: at.toISOString(),
    run: {
      runId: id,
      facets: {
        nominalTime: facet('NominalTimeRunFacet', { nominalStartTime: `${referenceDate}T00:00:00Z` }),
        processing_engine: facet('ProcessingEngineRunFacet', { name: 'basketwise', version }),
      },
    },
    job: {
      namespace: settings.config.output.lineage!.namespace,
      name: 'basketwise.run',
      facets: { jobType: facet('JobTypeJobFacet', { processingType: 'BATCH', integration: 'BASKETWISE', jobType: 'JOB' }) },
    },
    producer,
    schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
  };
}

type TableName = 'customers' | 'products' | 'holdings';

/** Columns that a config names, by table. Columns in SQL are omitted. */
function configColumns({ tables, features = {}, clusters, segments, derive }: Config): Record<TableName, string[]> {
  const { customers, products, holdings } = tables;
  const derived = new Set(Object.keys(derive));
  const ofCustomers = [
    ...Object.values(clusters).flatMap(({ numeric, categorical }) => [...numeric, ...categorical]),
    ...Object.values(segments).flatMap((one) => ('bands' in one ? [one.column] : 'flags' in one ? one.flags : [])),
    ...Object.values(features).flatMap((one) => ('column' in one ? one.column : [])),
  ].filter((column) => !derived.has(column));
  const some = (columns: readonly (string | null | undefined)[]) => [...new Set(columns.filter((column) => column != null))];
  return {
    customers: some([customers.id, customers.since, ...ofCustomers]),
    products: some([products.code, products.name, products.class, products.sale_start, products.sale_end, products.group]),
    holdings: some([holdings.customer, holdings.product, holdings.date, holdings.closed]),
  };
}

/** Name of a table in a lineage catalogue. A query has the name of its key in the config. */
function datasetName(settings: Settings, table: TableName): Dataset {
  const { source, tables } = settings.config;
  return datasetOf(source, (path) => settingsPath(settings, path), tables[table].from ?? `tables.${table}`);
}

function inputsOf(settings: Settings, data: DataFigures | null) {
  const columns = configColumns(settings.config);
  return (['customers', 'products', 'holdings'] as const).map((table) => {
    const rows = data?.[table] ?? null;
    const counted =
      rows === null
        ? {}
        : { dataQualityMetrics: facet('DataQualityMetricsInputDatasetFacet', { rowCount: rows, columnMetrics: {} }) };
    return {
      ...datasetName(settings, table),
      facets: { schema: facet('SchemaDatasetFacet', { fields: columns[table].map((name) => ({ name })) }) },
      inputFacets: counted,
    };
  });
}

function outputDatasets(settings: Settings, { run, files, campaigns }: RunResults) {
  const rows = campaigns.reduce<number | null>((sum, one) => (sum === null || one.rows === null ? null : sum + one.rows), 0);
  const output = settingsPath(settings, settings.config.output.dir);
  const schema = facet('SchemaDatasetFacet', {
    fields: recommendationColumns.map(({ name, parquet }) => ({ name, type: parquet })),
  });
  const columnLineage = facet('ColumnLineageDatasetFacet', columnLineageOf(settings));
  return files.map(({ file, bytes }) => ({
    ...{ namespace: 'file', name: `${output}/latest/${file}` },
    facets: { schema, columnLineage, version: facet('DatasetVersionDatasetFacet', { datasetVersion: run! }) },
    outputFacets: {
      outputStatistics: facet('OutputStatisticsOutputDatasetFacet', {
        // The size of a file with few rows would reveal their number.
        ...(rows !== null && { rowCount: rows, size: bytes }),
        fileCount: 1,
      }),
    },
  }));
}

/** Columns of the bank's tables from which each column of the lists is computed. */
function columnLineageOf(settings: Settings) {
  const columns = configColumns(settings.config);
  const { customers, products } = settings.config.tables;
  const field = (table: TableName, name: string, type: 'DIRECT' | 'INDIRECT', subtype: string) => ({
    ...datasetName(settings, table),
    field: name,
    transformations: [{ type, subtype, description: '', masking: false }],
  });
  const ofHoldings = columns.holdings.map((name) => field('holdings', name, 'DIRECT', 'AGGREGATION'));
  const ofCustomers = columns.customers
    .filter((name) => name !== customers.id)
    .map((name) => field('customers', name, 'DIRECT', 'TRANSFORMATION'));
  const inputs: Readonly<Record<ColumnOrigin, readonly object[]>> = {
    'customer id': [field('customers', customers.id, 'DIRECT', 'IDENTITY')],
    'product code': [field('products', products.code, 'DIRECT', 'IDENTITY')],
    'product name': [field('products', products.name, 'DIRECT', 'IDENTITY')],
    customers: ofCustomers,
    'customers and holdings': [...ofHoldings, ...ofCustomers],
  };
  return {
    fields: Object.fromEntries(
      recommendationColumns.flatMap(({ name, from }) => (from === undefined ? [] : [[name, { inputFields: inputs[from] }]])),
    ),
    dataset: [
      ...columns.holdings.map((name) => field('holdings', name, 'INDIRECT', 'JOIN')),
      ...columns.products.map((name) => field('products', name, 'INDIRECT', 'FILTER')),
    ],
  };
}
