import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInlinePool, type KernelPool, loadModel, type Model, modelFromState, required } from '@basketwise/core';
import { queryRows, type Snapshot } from '@basketwise/data';
import { readJson } from '@basketwise/data/base';
import {
  type Config,
  customerContexts,
  planCampaigns,
  type RunReport,
  readFeatureFile,
  snapshotBank,
} from '@basketwise/pipeline';
import {
  type Bank,
  type CampaignCalibration,
  type CampaignPlan,
  type CodedFeature,
  type CustomerContexts,
  ranksByFeatures,
  type SchemeClusters,
  scoreCampaign,
  scorePlaces,
  withBaskets,
} from '@basketwise/recommend';
import type { BankCampaign } from '../../packages/demo/src/engine/bank.ts';

/** The bank of the run as its campaigns loaded it. */
export interface Night {
  pool: KernelPool;
  config: Config;
  bank: Bank;
  features: readonly CodedFeature[];
  contexts: CustomerContexts;
  clusters: SchemeClusters;
  calibrations: readonly CampaignCalibration[];
}

/** Clusters of the run's customers, by scheme. */
async function readClusters(snapshot: Snapshot, folder: string, schemes: readonly string[]): Promise<SchemeClusters> {
  const file = snapshot.engine.dialect.text(join(folder, 'clusters.parquet'));
  const sql = `SELECT scheme, customers.customer AS customer, cluster FROM read_parquet(${file}) found JOIN customers ON customers.id = found.customer`;
  const found = new Map(schemes.map((name) => [name, { clusters: new Int16Array(snapshot.customerCount).fill(-1), count: 0 }]));
  for (const { scheme, customer, cluster } of await queryRows(snapshot.engine, sql)) {
    const one = required(found, String(scheme));
    one.clusters[Number(customer)] = Number(cluster);
    one.count = Math.max(one.count, Number(cluster) + 1);
  }
  return found;
}

/** Opens the bank of the run. */
export async function openNight(report: RunReport, config: Config, snapshot: Snapshot): Promise<Night> {
  const pool = createInlinePool();
  const { referenceDate, folder } = report;
  const clusters = await readClusters(snapshot, folder, Object.keys(config.clusters));
  const of = { pool, snapshot, config, date: referenceDate, clusters: async () => clusters };
  const bank = await snapshotBank(of).now(planCampaigns(config)[0]!, async (now) => now);
  const { features } = await readFeatureFile(folder);
  const contexts = await customerContexts(snapshot, features).at(referenceDate);
  const calibrations = await readJson<CampaignCalibration[]>(join(folder, 'calibration.json'));
  if (contexts === null || calibrations === undefined) throw new Error(`${folder} has no features or no calibration of its date`);
  return { pool, config, bank, features, contexts, clusters, calibrations };
}

/** Copies a campaign's models, and the inputs of its probabilities: its calibration, and the scores of the run for quantiles. */
export async function copyCampaign(
  night: Night,
  plan: CampaignPlan,
  { folder, trainings }: RunReport,
  made: string,
): Promise<BankCampaign> {
  const { pool, config, bank, contexts, calibrations } = night;
  const { spec, fits } = trainings.find(({ campaign }) => campaign === plan.name)!;
  const byCluster = new Map<number, Model>();
  let all: Model | null = null;
  const copies = [];
  for (const { cluster, file, customers } of fits) {
    const bytes = await readFile(join(folder, file));
    const copy = `models/${plan.name}.${basename(file)}`;
    await writeFile(join(made, copy), bytes);
    copies.push({ cluster, file: copy, customers });
    const model = await modelFromState((await loadModel(bytes)).state);
    if (cluster === null) all = model;
    else byCluster.set(cluster, model);
  }
  const models = { kind: spec.kind, byCluster, all };
  const { intercept, slopes, products, groups } = calibrations.find(({ campaign }) => campaign === plan.name)!;
  const known = ranksByFeatures(models) ? { ...bank, contexts } : bank;
  const tools = { pool, topN: config.top_n, fallback: config.fallback, rules: config.rules };
  const places = await withBaskets(pool, known, plan, async (table) => {
    const { results } = await scoreCampaign(tools, bank, table, models);
    return [...scorePlaces(table, results.units)];
  });
  const file = `places/${plan.name}.bin`;
  const parts = places.flatMap(([, { holding, empty }]) =>
    [holding, empty].flatMap(({ scores, below }) => [Float32Array.from(scores), Uint32Array.from(below.subarray(1))]),
  );
  await writeFile(join(made, file), Buffer.concat(parts.map(({ buffer }) => Buffer.from(buffer))));
  return {
    ...{ ...plan, rules: [], fitted: spec.kind, models: copies, calibration: { intercept, slopes, products, groups } },
    places: {
      file,
      clusters: places.map(([cluster, { holding, empty }]) => {
        return { cluster, holding: holding.scores.length, empty: empty.scores.length };
      }),
    },
  };
}
