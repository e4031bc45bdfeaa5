import {
  assignmentQuery,
  type ClusterModel,
  type ClusterProfile,
  type ClusterScheme,
  type ClusterSummary,
  centresHash,
  checkModel,
  checkSizes,
  clusterModelState,
  countTreated,
  fitInRun,
  type KChoice,
  modelFile,
  modelProfile,
  profileClusters,
  readClusterModel,
  schemeOf,
} from '@basketwise/clusters';
import { saveModel } from '@basketwise/core';
import { type DuckdbEngine, localRows, queryRows } from '@basketwise/data';
import { makeFolder, writeWhole } from '@basketwise/data/base';
import { type ClusterConfig, type StageResult, settingsPath, writeClusterReport } from '@basketwise/pipeline';
import { makeFacts } from './facts.ts';
import type { HiveRun } from './hive-run.ts';

/** About how many customers a fit uses at most. A hash of the customer id draws them. */
const fitCustomers = 100_000;

/** Cluster model of a scheme, with the results of its fit. A model from a file has no such results. */
interface FittedScheme {
  model: ClusterModel;
  profile: ClusterProfile | null;
}

/**
 * Assigns customers to the clusters of every scheme in Hive, and makes the table of facts (see `makeFacts`). The model comes from
 * the configured file or a new fit.
 * A fit fetches the columns of a scheme's customers, or of an even sample if they are very many. If no scheme is fitted, only
 * counts are fetched.
 */
export async function clusterInHive(hiveRun: HiveRun, previous?: string): Promise<StageResult<ClusterSummary[]>> {
  const { context } = hiveRun;
  const summaries: ClusterSummary[] = [];
  const profiles: ClusterProfile[] = [];
  const choices: KChoice[] = [];
  await makeFolder(context.folder.file('models/clusters'));
  for (const [i, [name, config]] of Object.entries(context.settings.config.clusters).entries()) {
    context.checkStop();
    context.tell(`clusters ${name}`);
    const { summary, profile, choice } = await clusterOnServer(hiveRun, i, name, config);
    summaries.push(summary);
    profiles.push(profile);
    if (choice) choices.push(choice);
  }
  await makeFacts(hiveRun);
  await writeClusterReport(context.folder.path, profiles, choices, previous);
  return { files: [...summaries.map(({ file }) => file), 'clusters.json', 'clusters.txt'], summary: summaries };
}

async function clusterOnServer(hiveRun: HiveRun, i: number, name: string, config: ClusterConfig) {
  const { context, hive, tables } = hiveRun;
  const options = hiveRun.at(`clusters.${name}`);
  const inHive = schemeOf(name, config, hive.dialect.identifier);
  const path = config.model === undefined ? undefined : settingsPath(context.settings, config.model);
  const known = path === undefined ? undefined : await readClusterModel(path, `clusters.${name}.model`);
  const { model, profile } = known
    ? { model: known, profile: null }
    : await hiveRun.counted(`customers to fit clusters ${name}`, () => fitHere(hiveRun, inHive));
  checkModel(model, inHive);
  const customers = { engine: hive, from: tables.named('customers') };
  const rows = { from: customers.from, where: inHive.where, keep: ['id'] };
  const table = await tables.make(`cluster_${i}`, assignmentQuery(hive.dialect, model, rows), options);
  const { sizes, treated } = await hiveRun.counted(`counts of clusters ${name}`, async () => ({
    sizes: await countSizes(hiveRun, table, model.k),
    treated: known ? await countTreated({ customers }, inHive, model) : [],
  }));
  checkSizes(name, sizes);
  const file = modelFile(name);
  const { dataHash } = (await context.snapshot()).manifest;
  await writeWhole(context.folder.file(file), await saveModel(clusterModelState(model), { dataHash }));
  // The profile of a saved model's clusters is in the run that fitted them, so no customers are fetched for it.
  const whole = modelProfile(inHive, model, { sizes, treated });
  const found = profile === null ? whole : { ...profile, customers: whole.customers, sizes: whole.sizes };
  const summary: ClusterSummary = {
    ...{ scheme: name, method: inHive.method, k: model.k, sizes, treated },
    ...{ fitted: known === undefined, centres: centresHash(model), file, warnings: found.warnings },
  };
  return { summary, choice: model.choice, profile: found };
}

async function countSizes({ hive }: HiveRun, table: string, k: number): Promise<number[]> {
  const sizes = new Array<number>(k).fill(0);
  const sql = `SELECT cluster, count(*) AS customers FROM ${table} GROUP BY cluster`;
  for (const { cluster, customers } of await queryRows(hive, sql)) sizes[Number(cluster)] = Number(customers);
  return sizes;
}

/**
 * Fits a scheme to its customers in this process, in the order of their ids. A run without pushdown has the same order. The same
 * rows give the same model.
 */
async function fitHere(hiveRun: HiveRun, scheme: ClusterScheme): Promise<FittedScheme> {
  const { context } = hiveRun;
  const [pool, { engine }] = [await context.pool(), await context.snapshot()];
  const { table, customerCount } = await bringCustomers(hiveRun, engine, scheme);
  try {
    const local = { ...scheme, where: null };
    const clustering = { pool, customers: { engine, from: table }, customerCount };
    const report = context.settings.config.output.report;
    const { model, assignment } = await fitInRun(clustering, local, { report, date: context.referenceDate });
    return { model, profile: await profileClusters(clustering, local, model, assignment) };
  } finally {
    await engine.run(`DROP TABLE ${table}`);
  }
}

/**
 * Fetches the columns of a scheme into a local DuckDB table, for all its customers or a sample. The column `customer` numbers the
 * customers in the order of their ids.
 */
async function bringCustomers({ hive, tables, at }: HiveRun, engine: DuckdbEngine, scheme: ClusterScheme) {
  const { identifier } = hive.dialect;
  const options = at(`clusters.${scheme.name}`);
  const columns = [...scheme.numeric, ...scheme.categorical];
  const from = tables.named('customers');
  const member = scheme.where ?? 'TRUE';
  const [row] = await queryRows(hive, `SELECT count(*) AS customers FROM ${from} WHERE ${member}`, options);
  const share = fitCustomers / Math.max(1, Number(row?.customers));
  const limit = Math.floor(share * 2 ** 32).toString(16);
  const drawn = share >= 1 ? '' : ` AND substr(md5(concat('${scheme.seed} ', id)), 1, 8) < '${limit.padStart(8, '0')}'`;
  const select = `SELECT ${columns.map(identifier).join(', ')} FROM (SELECT * FROM ${from} WHERE ${member}${drawn}) c ORDER BY id`;
  const fetched = await localRows(hive, engine, select, columns, options);
  const table = engine.temporaryTable();
  await engine.run(`CREATE TABLE ${table} AS SELECT CAST(row_number() OVER () - 1 AS INTEGER) AS customer, * FROM ${fetched}`);
  await engine.run(`DROP TABLE ${fetched}`);
  const [{ rows } = { rows: 0 }] = await queryRows(engine, `SELECT count(*) AS rows FROM ${table}`);
  return { table, customerCount: Number(rows) };
}
