import { sparkDialect } from '@basketwise/data/base';
import { defineDriver } from './driver.ts';
import { hiveDataset, sparkOptions as options, serverAt, serverProblems, whichServer } from './hive-settings.ts';

/** Driver of a Spark Thrift Server: HiveServer2's protocol with Spark's SQL. With pushdown, customers stay on it. */
export const spark = defineDriver({
  engine: 'spark',
  package: '@basketwise/hive',
  dialect: sparkDialect,
  keys: { spark: options.optional().describe('Spark Thrift Server (docs/spark.md).') },
  secrets: [['spark', 'session', '*']],
  problems(source, chosen) {
    const { spark } = source;
    if (chosen && !spark) return [{ path: ['engine'], message: '`engine: spark` needs `spark: { host, ... }`' }];
    if (!chosen && spark?.pushdown) return [{ path: ['spark', 'pushdown'], message: 'pushdown needs `engine: spark`' }];
    return serverProblems('spark', source);
  },
  /** Identity of the tables. Names would be the same on every server. */
  identity: ({ spark }) =>
    spark ? { spark: { ...whichServer(spark), database: spark.database, ...(spark.pushdown && { pushdown: true }) } } : {},
  readsFiles: false,
  dataset: ({ source }, from) => hiveDataset('spark', source, from),
  sourceAt: (address, access) => ({ spark: serverAt(address, access) }),
  pushdown: ({ spark }) => spark?.pushdown === true,
  workTables: ({ spark }) => spark?.work_tables,
});
