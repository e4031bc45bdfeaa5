import { sparkDialect } from '@basketwise/data/base';
import { defineDriver } from './driver.ts';
import {
  describeServer,
  hiveDataset,
  hiveSettings,
  sparkOptions as options,
  serverAt,
  serverProblems,
  whichServer,
} from './hive-settings.ts';
import { checkServer } from './server-check.ts';
import { serverSource } from './server-source.ts';

type Path = (relative: string) => string;
type SparkSource = Parameters<typeof hiveSettings>[0];

const sparkSettings = (source: SparkSource, path: Path) => hiveSettings(source, path, process.env, 'spark');

/** A Spark Thrift Server: HiveServer2's protocol with Spark's SQL; with pushdown customers stay on it. */
export const spark = defineDriver({
  engine: 'spark',
  dialect: sparkDialect,
  keys: { spark: options.optional().describe('Spark Thrift Server (docs/spark.md).') },
  secrets: [['spark', 'session', '*']],
  problems(source, chosen) {
    const { spark } = source;
    if (chosen && !spark) return [{ path: ['engine'], message: '`engine: spark` needs `spark: { host, ... }`' }];
    if (!chosen && spark?.pushdown) return [{ path: ['spark', 'pushdown'], message: 'pushdown needs `engine: spark`' }];
    return serverProblems('spark', source);
  },
  async open({ source, path, workbench }) {
    const { HiveEngine } = await import('@basketwise/data');
    return serverSource(new HiveEngine(sparkSettings(source, path)), workbench);
  },
  /** Identity of the tables: names alone would be the same on every server. */
  identity: ({ spark }) =>
    spark ? { spark: { ...whichServer(spark), database: spark.database, ...(spark.pushdown && { pushdown: true }) } } : {},
  readsFiles: false,
  dataset: ({ source }, from) => hiveDataset('spark', source, from),
  sourceAt: (address, access) => ({ spark: serverAt(address, access) }),
  pushdown: ({ spark }) => spark?.pushdown === true,
  workTables: ({ spark }) => spark?.work_tables,
  async *check({ source, path }, request, signal) {
    const settings = sparkSettings(source, path);
    const { HiveEngine } = await import('@basketwise/data');
    yield* checkServer(new HiveEngine(settings), describeServer(settings), request, signal);
  },
});
