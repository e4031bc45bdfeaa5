import { usualLength } from '@basketwise/recommend';
import { z } from 'zod';
import { sourceSchema } from '../drivers/drivers.ts';
import { hiveOutput, postgresOutput } from '../drivers/server-settings.ts';

import { plainDate, size, text, whole } from '../values/schemas.ts';
import { usualOutput } from './config-text.ts';
import { campaignsSchema, evaluateSchema, featuresSchema, tuneSchema } from './schema-campaigns.ts';
import { clustersSchema } from './schema-clusters.ts';
import { consentSchema, recencySchema, rulesSchema, segmentsSchema } from './schema-customers.ts';
import { commonModelSchema, modelDefinitions } from './schema-model.ts';

import { offersSchema } from './schema-offers.ts';
import { deriveSchema, guardsSchema, tablesSchema } from './schema-source.ts';

import { validationSchema } from './schema-validation.ts';

const outputSchema = z
  .strictObject({
    dir: text.default(usualOutput).describe('Folder of the runs.'),
    formats: z
      .array(z.enum(['parquet', 'csv']))
      .default(['parquet', 'csv'])
      .describe('Formats of the files; none only with pushdown and `output.hive` or `output.spark`.'),
    escape_formulas: z
      .boolean()
      .default(true)
      .describe('Writes an apostrophe before texts in recommendations.csv that spreadsheets would execute as formulas.'),
    suppressed_customers: z
      .boolean()
      .default(false)
      .describe(
        'Writes also which customers a rule suppressed, and why (docs/integrations.md#suppressed-customersparquet). Not with pushdown.',
      ),
    csv: z
      .strictObject({
        bom: z.boolean().default(false).describe('Starts the file with a byte order mark, by which Excel recognises UTF-8.'),
        delimiter: z.enum([',', ';', '\t', '|']).default(',').describe('Character between fields.'),
        quote_text: z.boolean().default(false).describe('Quotes all texts, also those that need no quotes.'),
      })
      .optional()
      .describe('Form of recommendations.csv (docs/integrations.md#recommendationscsv).'),
    parquet: z
      .strictObject({
        integer_ids: z
          .boolean()
          .default(false)
          .describe(
            'Writes ids as 64-bit integers in all Parquet files. Each id must be such a number without leading zeros, else exit code 65. Not with pushdown.',
          ),
      })
      .optional()
      .describe('Form of the Parquet files.'),
    report: z.boolean().default(true).describe('Writes report.html and report.json.'),
    keep: whole(1, 10_000)
      .default(14)
      .describe('Number of published runs that stay, of prepared ones, of runs with `--select`, and of failed runs.'),
    hive: hiveOutput.optional().describe('Hive table that receives the recommendations (docs/servers.md#publishing).'),
    spark: hiveOutput.optional().describe('Spark table that receives the recommendations (docs/servers.md#publishing).'),
    results: text.optional().describe('File for the end of each run, as JSON (docs/integrations.md#what-a-scheduler-sees).'),
    metrics: text
      .optional()
      .describe("File for the textfile collector of Prometheus' node_exporter (docs/integrations.md#prometheus)."),
    lineage: z
      .strictObject({
        file: text.describe('File to which events are appended, as JSON lines.'),
        namespace: text.default('basketwise').describe('Namespace of the job.'),
      })
      .optional()
      .describe('OpenLineage events (docs/integrations.md#openlineage).'),
    postgres: postgresOutput
      .optional()
      .describe('PostgreSQL table that receives the recommendations (docs/servers.md#as-a-target).'),
  })
  .prefault({})
  .describe('Results of a run: folder, formats, tables and files for other systems.');

const logSchema = z
  .strictObject({
    level: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info').describe('Least severity that is logged.'),
    file: text.nullable().default(null).describe('File of JSON lines. A command that cannot open it ends with exit code 74.'),
    max_size: size.prefault('10MB').describe('Size at which the file is rotated.'),
    keep: whole(1, 1000).default(5).describe('Number of rotated files that stay.'),
  })
  .prefault({})
  .describe('Log of the runs.');

const releaseSchema = z
  .strictObject({
    approvals: whole(1, 9).default(2).describe('Number of different keys that must approve a run.'),
    keys: text.describe('File of the keys and their roles; its paths are relative to its folder (docs/audit.md#keys).'),
  })
  .optional()
  .describe('Runs end prepared; approvals by keys publish them (docs/audit.md). No result depends on it. Not with pushdown.');

/** Schema of basketwise.yaml. Key names are those of the file. An unknown key is an error. */
export const configSchema = z.strictObject({
  reference_date: plainDate
    .optional()
    .describe(
      'Date as of which a run reads the data and recommends. Required here or as `--reference-date`, which overrides it.',
    ),
  source: sourceSchema.prefault({}).describe('Engine and place of the tables.'),
  tables: tablesSchema,
  guards: guardsSchema,
  derive: deriveSchema,
  recency: recencySchema,
  clusters: clustersSchema,
  segments: segmentsSchema,
  rules: rulesSchema,
  consent: consentSchema,
  features: featuresSchema,
  campaigns: campaignsSchema,
  model: commonModelSchema.describe(
    'Model of all campaigns without one of their own: `kind` and the parameters of that kind. `automatic` without both; parameters without a kind are those of `als`.',
  ),
  fallback: z
    .enum(['popularity', 'model'])
    .optional()
    .describe(
      'Lists of customers who hold nothing in the columns of the campaign. Without it the `model` if it is `automatic` or `next-purchase`, else `popularity`.',
    ),
  top_n: whole(1, 64).default(usualLength).describe('Length of the lists.'),
  workers: z
    .union([z.literal('auto'), whole(1, 256)], 'expected `auto` or a number of threads')
    .default('auto')
    .describe("Threads. `auto`: the process's cores, at most the quota of its control group. Results do not depend on it."),
  evaluate: evaluateSchema,
  tune: tuneSchema,
  calibrate: z
    .boolean()
    .optional()
    .describe('Writes `probability` (docs/method.md). Default: `true`; with pushdown, if holdings have dates.'),
  offers: offersSchema,
  validation: validationSchema,
  output: outputSchema,
  release: releaseSchema,
  log: logSchema,
});

/** Valid config with defaults filled in. Relative paths are not resolved. */
export type Config = z.output<typeof configSchema>;

/**
 * Keys of the config that are not inputs of every stage. They change no result, or only stages that list them in `madeOf` read
 * them. Any other key is an input of every stage. If its value changes, all stages are repeated.
 */
export const keysOfStages: ReadonlySet<string> = new Set([
  ...[
    'reference_date',
    'source',
    'tables',
    'guards',
    'derive',
    'recency',
    'clusters',
    'segments',
    'rules',
    'consent',
    'features',
  ],
  ...[
    'campaigns',
    'model',
    'fallback',
    'top_n',
    'workers',
    'evaluate',
    'tune',
    'calibrate',
    'offers',
    'validation',
    'output',
    'release',
    'log',
  ],
]);

/**
 * Keys of `output` that determine the files of a run. Excluded are the output folder, the number of retained runs, and all keys
 * about copies for other systems.
 */
export function writtenOutput({
  dir: _,
  keep: _k,
  hive: _h,
  spark: _s,
  postgres: _p,
  results: _r,
  metrics: _m,
  lineage: _l,
  ...shape
}: Config['output']) {
  return shape;
}

export type SegmentConfig = Config['segments'][string];

export type OffersConfig = NonNullable<Config['offers']>;
export type CapacityConfig = OffersConfig['capacity'][string];
export type FeatureConfig = NonNullable<Config['features']>[string];

/** JSON Schema (draft 2020-12) of basketwise.yaml, for editors. */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  return { ...schema, title: 'Basketwise config', $defs: modelDefinitions() };
}
