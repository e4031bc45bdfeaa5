// `npm run claim -- customers [customers]`: clusters generated customers twice as the postal bank does (deposit k = 8, insurance k = 7; 3
// starts, at most 100 iterations), with their preprocessing; then compares the kernels' clusters with those of the generated SQL.
// 10 million customers (the default) should take less than 60 s on 2 cores and 3 GB.
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { assignmentQuery, type ClusterScheme, fitClusters } from '@basketwise/clusters';
import { createNodePool, kernelHash } from '@basketwise/core';
import { openDuckdb } from '@basketwise/data';

const customerCount = Number(process.argv[2] ?? 10_000_000);
const compared = Math.min(customerCount, 1_000_000);
const threads = Number(process.env.BENCH_THREADS ?? 2);

const counts = ['HD', 'DD', 'SD', 'AA', 'DPST_NOCS', 'GIVE_NOCS', 'OVRD_CNT', 'ARRR_NOCS', 'ATPM_STNG_NOCS', 'AUTR_STNG_NOCS'];
const amounts = ['DPST_AMT', 'GIVE_AMT', 'PSRV_RAMT', 'M3_ABAL1', 'YEAR_ABAL1'];
const kinds = ['DEATH', 'INJURY', 'DISEASE', 'CHILD', 'GROUP_INS', 'EDU', 'NONQUAL', 'QUAL', 'SAVING', 'RIDER'];

/** Customers with skewed counts and amounts and correlated categories; every value follows from the customer's number. */
function customerSql(): string {
  const uniform = (salt: string) => `((hash(i, '${salt}') >> 11) / 9007199254740992.0)`;
  const numbers = [
    ...counts.map((name) => `floor(-2.5 * ln(1 - ${uniform(name)}))::DOUBLE AS ${name}`),
    ...amounts.map((name) => `round(exp(9 + 7 * ${uniform(name)} + 2 * ${uniform(`${name}2`)}))::DOUBLE AS ${name}`),
    ...kinds.map((name) => `floor(-0.6 * ln(1 - ${uniform(name)}))::DOUBLE AS ${name}`),
    `floor(-1.5 * ln(1 - ${uniform('INSU_TOT')}))::DOUBLE AS INSU_TOT`,
  ];
  const categories = [
    `CASE WHEN ${uniform('SEX')} < 0.5 THEN '1' ELSE '2' END AS SEX_CD`,
    `(floor(10 * ${uniform('AGE')}) * 10)::INT::VARCHAR AS AGE_DVSN_CD`,
    `['active', 'inactive', 'unknown'][1 + floor(3 * ${uniform('OCPT')} * ${uniform('OCPT2')})::INT] AS OCPT_SPLIT`,
    ...['grp_D', 'grp_I', 'grp_C', 'grp_F'].map(
      (name, g) => `CASE WHEN ${uniform(name)} < ${0.8 - g * 0.2} THEN '1' ELSE '0' END AS ${name}`,
    ),
  ];
  return `SELECT i::INTEGER AS customer, ${[...numbers, ...categories].join(', ')} FROM range(${customerCount}) AS r(i)`;
}

const common = {
  method: 'kmeans',
  seed: 0,
  starts: 3,
  iterations: 100,
  scale: 'minmax',
  weights: {},
  important: [],
  where: null,
} as const;
const schemes: ClusterScheme[] = [
  {
    ...common,
    ...{ name: 'deposit', k: 8, numeric: [...counts, ...amounts] },
    categorical: ['SEX_CD', 'AGE_DVSN_CD', 'OCPT_SPLIT', 'grp_I', 'grp_C', 'grp_F'],
  },
  {
    ...common,
    ...{ name: 'insurance', k: 7, numeric: [...kinds, 'INSU_TOT'] },
    categorical: ['SEX_CD', 'AGE_DVSN_CD', 'OCPT_SPLIT', 'grp_D', 'grp_C', 'grp_F'],
  },
];

const folder = await mkdtemp(join(tmpdir(), 'claim-customers-'));
const engine = await openDuckdb({ memory: '1GB', threads, tempDirectory: folder });
const pool = await createNodePool(threads);
try {
  const file = engine.dialect.text(join(folder, 'customers.parquet'));
  await engine.run(`COPY (${customerSql()}) TO ${file} (FORMAT parquet, ROW_GROUP_SIZE 122880)`);
  await engine.run(`CREATE VIEW customers AS SELECT * FROM read_parquet(${file})`);
  console.log(
    `${customerCount} customers, ${threads} threads, ${cpus()[0]?.model}, Node ${process.versions.node}, kernels ${kernelHash}`,
  );
  let total = 0;
  let differing = 0;
  let processor = 0;
  for (const scheme of schemes) {
    const used = process.cpuUsage();
    const begin = performance.now();
    const { model, assignment } = await fitClusters({ pool, customers: { engine, from: 'customers' }, customerCount }, scheme);
    const seconds = (performance.now() - begin) / 1000;
    total += seconds;
    const { user, system } = process.cpuUsage(used);
    processor += (user + system) / 1e6;
    const peak = Math.round(process.resourceUsage().maxRSS / 1024);
    console.log(
      `${scheme.name}: ${seconds.toFixed(1)} s (processor ${((user + system) / 1e6).toFixed(1)} s), ${model.fit.iterations} iterations of the best start, peak ${peak} MiB`,
    );
    let close = 0;
    const rows = { from: 'customers', where: `customer < ${compared}`, keep: ['customer'], distances: true };
    for await (const { rows: count, columns } of engine.query(assignmentQuery(engine.dialect, model, rows))) {
      for (let i = 0; i < count; i++) {
        if (columns.cluster![i] === assignment.clusters[columns.k0![i] as number]) continue;
        const distances = Array.from({ length: model.k }, (_, j) => columns[`d${j}`]![i] as number).sort((a, b) => a - b);
        if (distances[1]! - distances[0]! < 1e-9) close++;
        else differing++;
      }
    }
    console.log(`${scheme.name}: SQL against kernels on ${compared}: ${close} ties within 1e-9 differ, others ${differing}`);
  }
  console.log(
    `both: ${total.toFixed(1)} s (processor ${processor.toFixed(1)} s of all threads), load ${loadavg()[0]!.toFixed(1)}`,
  );
  if (differing > 0) process.exitCode = 1;
} finally {
  await pool.close();
  await engine.close();
  await rm(folder, { recursive: true });
}
