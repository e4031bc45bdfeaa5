import {
  acquiredCells,
  basketColumns,
  firstHeld,
  localRows,
  makeAcquired,
  productClasses,
  queryRows,
  windowCells,
} from '@basketwise/data';
import { planCampaigns } from '../config/campaign-plan.ts';
import { writeJson } from '../run/files.ts';
import type { HiveRun } from './hive-run.ts';
import {
  acquiredFile,
  learningDates,
  learnsFromDates,
  placeOfCampaign,
  type WindowSample,
  windowDates,
  windowSamples,
  windowsFile,
} from './learning-dates.ts';

/** Facts beside the cells: customers of each sample, and the first day on which each product group was held (null: before any). */
export interface LearningFacts {
  samples: readonly (WindowSample & { customers: number })[];
  firstHeld: readonly { product: number; first: number | null }[];
}

export const learningFile = 'learning.json';

/** Groups what models learn from by dates on the server, and fetches the cells. Gives the files; none where no campaign's model does. */
export async function fetchLearning(hiveRun: HiveRun): Promise<string[]> {
  const { context, hive, tables } = hiveRun;
  const { config } = context.settings;
  const learning = planCampaigns(config).filter(learnsFromDates);
  if (learning.length === 0) return [];
  const options = hiveRun.at('pushdown');
  const products = await (await context.snapshot()).products();
  context.tell('acquisitions');
  const dates = learningDates(config, context.referenceDate, learning);
  await makeAcquired({ hive, tables, options }, dates, basketColumns(products).length);
  const samples = windowSamples(learning);
  await hiveRun.counted('cells of acquisitions', () => fetchAcquired(hiveRun, samples));
  if (samples.length === 0) return [acquiredFile];
  await hiveRun.counted('cells of windows', () => fetchWindows(hiveRun, samples));
  const facts = await hiveRun.counted('counts to learn by', () => factsOf(hiveRun, samples));
  await writeJson(context.folder.file(learningFile), facts);
  return [acquiredFile, windowsFile, learningFile];
}

async function fetchAcquired(hiveRun: HiveRun, samples: readonly WindowSample[]): Promise<void> {
  const { context, hive, tables } = hiveRun;
  const { config } = context.settings;
  const { engine, products } = await context.snapshot();
  const classes = productClasses(await products());
  const schemes = Object.keys(config.clusters);
  const learning = planCampaigns(config).filter(learnsFromDates);
  const found = engine.temporaryTable();
  await engine.run(
    `CREATE TABLE ${found} (campaign VARCHAR, sample BIGINT, w BIGINT, cluster BIGINT, months BIGINT, product BIGINT, held VARCHAR, day BIGINT, customers BIGINT)`,
  );
  const bring = async (campaign: string | null, sample: number, select: string) => {
    context.checkStop();
    const columns = ['w', 'cluster', 'months', 'product', 'held', 'day', 'customers'];
    const rows = await localRows(hive, engine, select, columns, hiveRun.at('pushdown'));
    const of = campaign === null ? 'NULL' : engine.dialect.text(campaign);
    await engine.run(`INSERT INTO ${found} SELECT ${of}, ${sample}, ${columns.join(', ')} FROM ${rows}`);
    await engine.run(`DROP TABLE ${rows}`);
  };
  for (const plan of learning) {
    const own = plan.columns.map((name) => classes.indexOf(name)).filter((number) => number >= 0);
    if (own.length === 0) continue;
    const where = `w = ${placeOfCampaign(plan, learning)} AND class IN (${own.join(', ')})`;
    const cluster = plan.scheme === null ? null : `cluster_${schemes.indexOf(plan.scheme)}`;
    await bring(plan.name, -1, acquiredCells({ tables }, where, own, cluster));
  }
  for (const [i, sample] of samples.entries()) {
    const where = `w < ${windowDates(config, context.referenceDate).length} AND ${await drawnBy(hiveRun, sample)}`;
    await bring(null, i, acquiredCells({ tables }, where, [...classes.keys()], null));
  }
  await context.copyToParquet(`FROM ${found}`, acquiredFile);
  await engine.run(`DROP TABLE ${found}`);
}

async function fetchWindows(hiveRun: HiveRun, samples: readonly WindowSample[]): Promise<void> {
  const { context, hive, tables } = hiveRun;
  const { engine } = await context.snapshot();
  const dates = windowDates(context.settings.config, context.referenceDate);
  const found = engine.temporaryTable();
  await engine.run(
    `CREATE TABLE ${found} (sample BIGINT, w BIGINT, state VARCHAR, added VARCHAR, skipped VARCHAR, customers BIGINT)`,
  );
  for (const [i, sample] of samples.entries()) {
    context.checkStop();
    const select = windowCells({ hive, tables }, dates, await drawnBy(hiveRun, sample));
    const columns = ['w', 'state', 'added', 'skipped', 'customers'];
    const rows = await localRows(hive, engine, select, columns, hiveRun.at('pushdown'));
    await engine.run(`INSERT INTO ${found} SELECT ${i}, ${columns.join(', ')} FROM ${rows}`);
    await engine.run(`DROP TABLE ${rows}`);
  }
  await context.copyToParquet(`FROM ${found}`, windowsFile);
  await engine.run(`DROP TABLE ${found}`);
}

async function factsOf(hiveRun: HiveRun, samples: readonly WindowSample[]): Promise<LearningFacts> {
  const { hive, tables } = hiveRun;
  const options = hiveRun.at('pushdown');
  const counted: (WindowSample & { customers: number })[] = [];
  for (const sample of samples) {
    const from = `(SELECT id AS customer FROM ${tables.named('customers')}) c`;
    const [row] = await queryRows(
      hive,
      `SELECT count(*) AS customers FROM ${from} WHERE ${await drawnBy(hiveRun, sample)}`,
      options,
    );
    counted.push({ ...sample, customers: Number(row!.customers) });
  }
  return { samples: counted, firstHeld: await firstHeld({ hive, tables, options }) };
}

/** Predicate over `customer`: those of a sample, drawn by a hash of their id; everybody where they are no more. */
async function drawnBy({ context }: HiveRun, { size, seed }: WindowSample): Promise<string> {
  const customers = (await context.snapshot()).manifest.customers.kept;
  if (customers <= size) return 'TRUE';
  const limit = Math.floor((size / customers) * 2 ** 32).toString(16);
  return `substr(md5(concat('${seed} learn ', customer)), 1, 8) < '${limit.padStart(8, '0')}'`;
}
