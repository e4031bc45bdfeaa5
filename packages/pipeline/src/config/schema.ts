import { usualLength } from '@basketwise/core/kinds';
import { z } from 'zod';
import { clustersSchema } from '../clusters/schema.ts';
import { sourceSchema } from '../drivers/drivers.ts';
import { hiveOutput } from '../drivers/hive-settings.ts';
import { postgresOutput } from '../drivers/postgres-settings.ts';
import { plainDate, size, text, whole } from '../values/schemas.ts';
import { modelDefinitions } from './model-json-schema.ts';
import { campaignsSchema, evaluateSchema } from './schema-campaigns.ts';
import { recencySchema, rulesSchema, segmentsSchema } from './schema-customers.ts';
import { featuresSchema } from './schema-features.ts';
import { commonModelSchema } from './schema-model.ts';
import { offersSchema } from './schema-offers.ts';
import { deriveSchema, guardsSchema, tablesSchema } from './schema-source.ts';
import { tuneSchema } from './schema-tune.ts';

const outputSchema = z
  .strictObject({
    dir: text.default('./out'),
    formats: z.array(z.enum(['parquet', 'csv'])).default(['parquet', 'csv']),
    /** Cells of CSV that begin like formulas are written as texts. */
    escape_formulas: z.boolean().default(true),
    /** Also write who was left out, customer by customer. */
    suppressed_customers: z.boolean().default(false),
    /** How recommendations.csv is written; absent: UTF-8 without a mark, commas, quotes where they are needed. */
    csv: z
      .strictObject({
        bom: z.boolean().default(false),
        delimiter: z.enum([',', ';', '\t', '|']).default(','),
        quote_text: z.boolean().default(false),
      })
      .optional(),
    /** How files in Parquet are written; absent: every id is a text. */
    parquet: z.strictObject({ integer_ids: z.boolean().default(false) }).optional(),
    report: z.boolean().default(true),
    keep: whole(1, 10_000).default(14),
    hive: hiveOutput.optional(),
    spark: hiveOutput.optional(),
    /** File for how each run ended, as JSON. */
    results: text.optional(),
    /** File for Prometheus' textfile collector. */
    metrics: text.optional(),
    /** File that OpenLineage events are appended to, as JSON lines; namespace of the job. */
    lineage: z.strictObject({ file: text, namespace: text.default('basketwise') }).optional(),
    postgres: postgresOutput.optional(),
  })
  .prefault({});

const logSchema = z
  .strictObject({
    level: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
    file: text.nullable().default(null),
    /** The file is turned over when it has grown to this. */
    max_size: size.default(10 * 2 ** 20),
    /** Old files that stay. */
    keep: whole(1, 1000).default(5),
  })
  .prefault({});

/** The whole of basketwise.yaml. Key names are those of the file; an unknown key is an error. */
export const configSchema = z.strictObject({
  reference_date: plainDate.optional(),
  source: sourceSchema.prefault({}),
  tables: tablesSchema,
  guards: guardsSchema,
  derive: deriveSchema,
  recency: recencySchema,
  clusters: clustersSchema,
  segments: segmentsSchema,
  rules: rulesSchema,
  features: featuresSchema,
  campaigns: campaignsSchema,
  model: commonModelSchema,
  /** Absent: the model where it knows what those who hold nothing buy (next-purchase), else popularity. */
  fallback: z.enum(['popularity', 'model']).optional(),
  top_n: whole(1, 64).default(usualLength),
  workers: z.union([z.literal('auto'), whole(1, 256)], 'expected `auto` or a number of threads').default('auto'),
  evaluate: evaluateSchema,
  tune: tuneSchema,
  /** Absent: wherever customers are read here. */
  calibrate: z.boolean().optional(),
  /** Who is offered what; absent: nobody is, and lists are all there is. */
  offers: offersSchema,
  output: outputSchema,
  log: logSchema,
});

/** A valid config with its defaults filled in; relative paths are still relative. */
export type Config = z.output<typeof configSchema>;
/** One campaign of a config. */
export type CampaignConfig = Config['campaigns'][string];
/** One segment of a config. */
export type SegmentConfig = Config['segments'][string];
/** One eligibility rule of a config. */
export type RuleConfig = Config['rules'][number];

/** One feature of a config. */
export type FeatureConfig = NonNullable<Config['features']>[string];

/** The JSON Schema (draft 2020-12) of basketwise.yaml, for editors. */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  return { ...schema, title: 'Basketwise config', $defs: modelDefinitions() };
}
