import { sparkDialect } from '@basketwise/data/base';
import { defineDriver } from './driver.ts';
import { hiveDataset, sparkOptions as options, serverAt, serverProblems, whichServer } from './hive-settings.ts';

/** Driver of a Spark Thrift Server: the protocol of HiveServer2, and the SQL of Spark. With pushdown, customers and holdings stay on the server. */
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
  /** Server and database are part of the identity, because servers can have tables of the same names. */
  identity: ({ spark }) =>
    spark ? { spark: { ...whichServer(spark), database: spark.database, ...(spark.pushdown && { pushdown: true }) } } : {},
  readsFiles: false,
  dataset: ({ source }, from) => hiveDataset('spark', source, from),
  sourceAt: (address, access) => ({ spark: serverAt(address, access) }),
  pushdown: ({ spark }) => spark?.pushdown === true,
  workTables: ({ spark }) => spark?.work_tables,
});
