import { dirname, join } from 'node:path';
import type { Product } from '@basketwise/core';
import {
  type ExtractOptions,
  extractSnapshot,
  type SnapshotManifest,
  snapshotTables,
  type UnnamedStatus,
} from '@basketwise/data';
import { countWords, publishedCount } from '@basketwise/data/base';
import { unvaluedProducts } from '@basketwise/offers';
import { namedClasses, planCampaigns, unnamedClasses } from '../config/campaign-plan.ts';
import { consentWarnings, needConsent } from '../config/needed.ts';
import type { Config } from '../config/schema.ts';
import type { Source } from '../drivers/driver.ts';
import { loadReportPage } from '../report/write-report.ts';
import type { RunFolder, StageResult } from '../run/run-folder.ts';
import type { MadeOf } from '../run/stage-record.ts';
import { checkLevels, requestTo } from '../source/extract-request.ts';
import { guardData, refuseUnusableHoldings } from './guards.ts';
import { type Given, holdingsParts, type StageInputs } from './made-of.ts';
import { type RunContext, runBefore } from './run-context.ts';
import type { RunPlan } from './site.ts';
import type { Stage } from './stage.ts';

/** Stage that reads the bank's tables into the snapshot of the run. */
export const extract: Stage<SnapshotManifest> = {
  name: 'extract',
  madeOf: extractParts,
  // Snapshots of versions before 2026-12 have names of consents alone.
  accepts: ({ products, consents = [] }, config) =>
    [...namedClasses(config)].every((name) => Object.hasOwn(products.classes, name)) &&
    consents.every((consent) => typeof consent === 'object'),
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
    refuseUnusableHoldings(summary);
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

/** Warnings about unusual facts in a bank's tables. */
function mentions({ customers, products, rules, consents, statuses = [] }: SnapshotManifest, config: Config): string[] {
  return [
    ...repeatedText({ customers, products }),
    ...unnamedText(products.classes, config),
    ...namesakeText(products.namesakes ?? [], config),
    ...closedText(rules, config),
    ...statuses.map((status) => statusText(status)),
    ...(config.consent === undefined ? consentWarnings(consents) : []),
  ];
}

/** Warning about holdings that count as held although their status may say that they have ended. Its values are not quoted. */
export function statusText({ column, held, unnamed }: UnnamedStatus): string {
  const [rows, all] = [unnamed, held].map((count) => countWords(publishedCount(count)));
  return `tables.holdings: ${rows} of ${all} rows that count as held have a status in ${column} that the config does not name; if it ends a holding, say so in \`where\` or \`closed\` (docs/tables.md#a-status-with-a-date)`;
}

/** Warnings about rows that equal another row of their table. Holdings are left out: two accounts opened on a day are usual. */
function repeatedText(tables: Readonly<Record<string, { repeated?: number } | undefined>>): string[] {
  return Object.entries(tables).flatMap(([name, { repeated = 0 } = {}]) =>
    repeated === 0 ? [] : [`tables.${name}: ${countWords(publishedCount(repeated))} rows repeat another row, and do not count`],
  );
}

/** Warning about classes without a campaign. Their names are values of the data, and are not quoted. */
function unnamedText(classes: Readonly<Record<string, number>>, config: Config): string[] {
  const unnamed = unnamedClasses(config, Object.keys(classes));
  if (unnamed.length === 0) return [];
  const products = unnamed.reduce((sum, name) => sum + classes[name]!, 0);
  const many = unnamed.length === 1 ? '1 class of products is' : `${unnamed.length} classes of products are`;
  return [`${many} named by no campaign: ${products} products can be in no list (\`basketwise profile\` lists them)`];
}

function namesakeText(codes: readonly string[], { tables }: Config): string[] {
  if (codes.length === 0) return [];
  return [
    `tables.products: some have the name of another (${codes.join(', ')}) and count as products of their own; if they are one, set \`group: ${tables.products.name}\``,
  ];
}

/** Warning about rules that no customer passes. */
function closedText(rules: SnapshotManifest['rules'], { campaigns }: Config): string[] {
  return rules
    .filter(
      ({ eligible, class: of }) => eligible === 0 && (of === null || Object.values(campaigns).some((one) => one.class === of)),
    )
    .map(
      ({ reason, class: of, products }) =>
        `rules: ${reason} excludes all customers: ${products ? `none of ${products.join(', ')}` : of === null ? 'no product' : `no product of ${of}`} can be in any list`,
    );
}
