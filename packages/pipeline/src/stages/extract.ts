import { dirname, join } from 'node:path';
import type { Product } from '@basketwise/core/parts';
import { type ExtractOptions, extractSnapshot, type SnapshotManifest, snapshotTables } from '@basketwise/data';
import { unvaluedProducts } from '@basketwise/offers';
import { planCampaigns } from '../config/campaign-plan.ts';
import { namedClasses } from '../config/named-classes.ts';
import { needConsent } from '../config/needed.ts';
import type { Source } from '../drivers/driver.ts';
import { loadReportPage } from '../report/write-report.ts';
import type { RunFolder, StageResult } from '../run/run-folder.ts';
import type { MadeOf } from '../run/stage-record.ts';
import { checkLevels } from '../source/check-levels.ts';
import { requestTo } from '../source/extract-request.ts';
import { guardData, refuseEmptyHoldings } from './guards.ts';
import { type Given, holdingsParts, type StageInputs } from './made-of.ts';
import { mentions } from './mentions.ts';
import type { RunContext } from './run-context.ts';
import type { RunPlan } from './run-plan.ts';
import { runBefore } from './runs-before.ts';
import type { Stage } from './stage.ts';

/** Stage that reads the bank's tables into the snapshot of the run. */
export const extract: Stage<SnapshotManifest> = {
  name: 'extract',
  madeOf: extractParts,
  accepts: ({ products }, config) => [...namedClasses(config)].every((of) => Object.hasOwn(products.classes, of)),
  work: ({ site, source, plan }) => site.extract(source, plan),
  /**
   * Checks the snapshot.
   * @throws AppError bad-data if a guard stops the run, config if a column of customers may be a consent and no rule uses it
   */
  async after(summary, { context, source, acceptDrop, makesLists }) {
    await source.close();
    const { config } = context.settings;
    if (makesLists) needConsent(context.settings, summary.consents);
    if (!acceptDrop) guardData(config, summary, await runBefore(context));
    refuseEmptyHoldings(summary);
    for (const mention of mentions(summary, config)) context.warn(mention);
  },
};

function extractParts({ request, config }: Given): StageInputs {
  const { columns, predicates, rules } = request;
  return {
    ...{ derive: config.derive, columns, 'clusters.where': predicates, rules },
    ...{ features: request.features ?? null, offers: request.offers ?? null },
  };
}

/** Extracts the snapshot into the run folder. */
export async function extractHere(context: RunContext, source: Source, plan: RunPlan): Promise<StageResult<SnapshotManifest>> {
  const { settings, referenceDate, folder, signal, tell } = context;
  const { dates, kept, inputs } = plan;
  const { engine, workbench } = source;
  const request = requestTo(source, settings.config, referenceDate, { dates, tableDate: referenceDate, kept });
  // The report page loads while the engine reads. A failure is ignored here, because the stage `report` throws it.
  if (settings.config.output.report) loadReportPage().catch(() => undefined);
  const own = [folder.path, workbench.options.tempDirectory, ...kept.map(({ file }) => dirname(file))];
  const check = async () => inputs?.check(own);
  const holdings = holdingsParts(plan);
  const holdingsOf = holdings ? await sameHoldings(folder, holdings) : undefined;
  const hashes = new Map<string, string>();
  const hashed = (file: string, sha256: string) => hashes.set(`snapshot/${file}`, sha256);
  // Only files are checked this early, because a server would read its customers once more.
  const checkTables: ExtractOptions['checkTables'] = async ({ customers }) =>
    engine === workbench && (await checkLevels(engine, request, customers));
  const { offers } = settings.config;
  const checkProducts = async (products: readonly Product[]) =>
    offers && (await unvaluedProducts(products, offers, planCampaigns(settings.config)));
  const options = { signal, progress: tell, workbench, check, holdingsOf, checkTables, checkProducts, hashed };
  const summary = await extractSnapshot(engine, request, folder.file('snapshot'), options);
  const queries = engine === workbench ? [] : ['queries.sql'];
  const tables = [...snapshotTables(summary).values()].flat();
  const names = [...tables, 'unknown-products.csv', 'manifest.json', ...queries];
  return { files: names.map((name) => `snapshot/${name}`), hashes, summary };
}

/** Snapshot of another run with equal customers and holdings, from which the holdings are taken. The columns of its customers may differ. */
async function sameHoldings(folder: RunFolder, wanted: MadeOf): Promise<ExtractOptions['holdingsOf']> {
  const isSame = (made: MadeOf) => Object.entries(wanted).every(([part, hash]) => made[part] === hash);
  const found = await folder.elsewhere(extract.name, isSame);
  return found && { folder: join(found.folder, 'snapshot'), manifest: found.record.summary as SnapshotManifest };
}
