// Makes the data of the demo: runs the batch job on a sample bank, and copies its models, products and distinct baskets to Vite's folder.
// Skipped if data of the same kernels exists; --force repeats it.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CalendarSpan, daysSinceEpoch, kernelHash, minusSpan } from '@basketwise/core';
import { openSnapshot } from '@basketwise/data';
import { loadConfig, planCampaigns, runJob } from '@basketwise/pipeline';
import { sampleConfig } from '@basketwise/sample';
import { generateBank } from '@basketwise/sample/write';
import type { DemoBank } from '../packages/demo/src/engine/bank.ts';
import { basketLines, readHoldings } from './demo-bank/baskets.ts';
import { exampleCustomers } from './demo-bank/examples.ts';
import { copyCampaign, openNight } from './demo-bank/night.ts';
import { groupProducts } from './demo-bank/products.ts';

const target = fileURLToPath(new URL('../packages/demo/public/bank', import.meta.url));
const sample = { customers: 20_000, products: 300, seed: 1 };
/** Raised when the format of the files, or the content of the sample bank, changes. */
const formatVersion = 3;

/** Versions that made a bank: others require a new one. */
interface MadeBy {
  formatVersion: number;
  kernelHash: string;
}

/** Whether the bank exists and is current. */
async function isMade(): Promise<boolean> {
  const text = await readFile(join(target, 'bank.json'), 'utf8').catch(() => null);
  if (text === null) return false;
  const bank = JSON.parse(text) as MadeBy;
  return bank.kernelHash === kernelHash && bank.formatVersion === formatVersion;
}

function spanText({ months, days }: CalendarSpan): string {
  const [count, unit]: [number, string] =
    days > 0 ? [days, 'day'] : months % 12 === 0 ? [months / 12, 'year'] : [months, 'month'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** Customers in each cluster. */
function sizesOf(clusters: Int16Array, count: number): number[] {
  const sizes = new Array<number>(count).fill(0);
  for (const cluster of clusters) if (cluster >= 0) sizes[cluster]!++;
  return sizes;
}

/** Runs the job on a sample bank in a separate folder. @returns the folder of the page's data */
async function makeBank(work: string): Promise<string> {
  await generateBank({ ...sample, folder: join(work, 'data') });
  await writeFile(join(work, 'basketwise.yaml'), sampleConfig({ model: 'automatic' }));
  const settings = await loadConfig(join(work, 'basketwise.yaml'));
  const { config } = settings;
  const report = await runJob(settings);
  const { referenceDate } = report;
  const snapshot = await openSnapshot(join(report.folder, 'snapshot'), {
    memory: '1GB',
    threads: 1,
    tempDirectory: join(work, 'spill'),
  });
  const found = await snapshot.products();
  const baskets = await readHoldings(snapshot, found, referenceDate);
  const holders = new Map<string, number>();
  for (const basket of baskets) for (const key of basket.keys()) holders.set(key, (holders.get(key) ?? 0) + 1);
  const products = groupProducts(found, holders, sample);
  const bands = config.recency.bands.map(({ within }) => ({
    within: within ? spanText(within) : null,
    since: within ? daysSinceEpoch(minusSpan(referenceDate, within)) : null,
  }));
  const made = join(work, 'bank');
  for (const part of ['models', 'places']) await mkdir(join(made, part), { recursive: true });
  const night = await openNight(report, config, snapshot);
  const campaigns = [];
  for (const plan of planCampaigns(config)) campaigns.push(await copyCampaign(night, plan, report, made));
  const examples = await exampleCustomers(night, { snapshot, folder: report.folder, baskets, products, bands });
  await snapshot.close();
  const keys = products.map(({ key }) => key);
  await writeFile(join(made, 'baskets.txt'), `${basketLines(baskets, products, bands).join('\n')}\n`);
  const rules = config.rules.map(({ reason, class: of }) => ({ reason, class: of ?? null }));
  const bank: DemoBank & MadeBy = {
    ...{ formatVersion, kernelHash, referenceDate, referenceDay: daysSinceEpoch(referenceDate) },
    ...{ customers: sample.customers, seed: sample.seed, generatedProducts: sample.products },
    ...{ products, bands, campaigns, rules, examples, baskets: 'baskets.txt' },
    ...{ features: night.features, topN: config.top_n, window: spanText(config.evaluate.window) },
    clusters: Object.fromEntries([...night.clusters].map(([name, { clusters, count }]) => [name, sizesOf(clusters, count)])),
    popular: night.bank.popularity.ranked(keys, null, -1),
  };
  await writeFile(join(made, 'bank.json'), JSON.stringify(bank));
  return made;
}

if (process.argv.includes('--force') || !(await isMade())) {
  const work = await mkdtemp(join(tmpdir(), 'basketwise-demo-'));
  try {
    const made = await makeBank(work);
    await rm(target, { recursive: true, force: true });
    await cp(made, target, { recursive: true });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
