// Makes what the demo shows: runs the nightly job on a sample bank, and puts its models, products and distinct baskets where Vite takes
// them from. Nothing is done where they are there already, of the same kernels; --force makes them anew.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createInlinePool, kernelHash, loadModel, modelFromState } from '@basketwise/core';
import { ranksByFeatures, scoreCampaign, scorePlaces, withBaskets } from '@basketwise/core/advice';
import { openSnapshot, queryRows } from '@basketwise/data';
import {
  customerContexts,
  daysSinceEpoch,
  loadBank,
  loadConfig,
  minusSpan,
  planCampaigns,
  readFeatureFile,
  readJson,
  recordsOf,
  runJob,
} from '@basketwise/pipeline';
import { bankOf, drawCatalog, sampleConfig } from '@basketwise/sample';
import { generateBank } from '@basketwise/sample/write';

const target = fileURLToPath(new URL('../packages/demo/public/bank', import.meta.url));
const sample = { customers: 20_000, products: 300, seed: 1 };
/** Raised when what is written here changes its form, or the sample bank its content. */
const formatVersion = 3;

/** True where the bank is there and fits. */
async function isMade() {
  const text = await readFile(join(target, 'bank.json'), 'utf8').catch(() => null);
  if (text === null) return false;
  const bank = JSON.parse(text);
  return bank.kernelHash === kernelHash && bank.formatVersion === formatVersion;
}

/** One entry per equivalence group, most held first. */
function groupProducts(products, holders) {
  const { lines } = drawCatalog(bankOf(sample));
  const english = new Map(lines.map(({ name }) => [name.korean, name.english]));
  const groups = byGroup(products);
  const list = [...groups].map(([key, members]) => {
    const shown = products[members[0].representative] ?? members[0];
    const otherCodes = members.filter((member) => member !== shown).map(({ code }) => code);
    const { code, name } = shown;
    return {
      key,
      code,
      otherCodes,
      name,
      english: english.get(name) ?? name,
      class: shown.class,
      onSale: members[0].representative !== null,
    };
  });
  return list.sort((a, b) => (holders.get(b.key) ?? 0) - (holders.get(a.key) ?? 0) || (a.key < b.key ? -1 : 1));
}

function byGroup(products) {
  const groups = new Map();
  for (const product of products) groups.set(product.groupKey, [...(groups.get(product.groupKey) ?? []), product]);
  return groups;
}

function spanText({ months, days }) {
  const [count, unit] = days > 0 ? [days, 'day'] : months % 12 === 0 ? [months / 12, 'year'] : [months, 'month'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** Baskets of all customers: groups with the most recent day of each. */
async function readHoldings(snapshot, products, referenceDate) {
  const baskets = Array.from({ length: snapshot.customerCount }, () => new Map());
  for await (const { customer, product, days } of snapshot.holdings(referenceDate)) {
    for (let i = 0; i < customer.length; i++) {
      const key = products[product[i]].groupKey;
      const basket = baskets[customer[i]];
      basket.set(key, Math.max(days[i], basket.get(key) ?? days[i]));
    }
  }
  return baskets;
}

/** Lines of `customers product.band product.band ...`, distinct baskets in order of their text. */
function basketLines(baskets, products, bands) {
  const position = new Map(products.map(({ key }, i) => [key, i]));
  const bandOf = (day) => bands.findIndex(({ since }) => since === null || day >= since);
  const counts = new Map();
  for (const basket of baskets) {
    const entries = [...basket].map(([key, day]) => [position.get(key), bandOf(day)]).sort(([a], [b]) => a - b);
    const text = entries.map(([product, band]) => ` ${product}.${band}`).join('');
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([text, count]) => `${count}${text}`);
}

/** Clusters of the run's customers, by scheme. */
async function readClusters(snapshot, folder, schemes) {
  const file = snapshot.engine.dialect.text(join(folder, 'clusters.parquet'));
  const sql = `SELECT scheme, customers.customer AS customer, cluster FROM read_parquet(${file}) found JOIN customers ON customers.id = found.customer`;
  const found = new Map(schemes.map((name) => [name, { clusters: new Int16Array(snapshot.customerCount).fill(-1), count: 0 }]));
  for (const { scheme, customer, cluster } of await queryRows(snapshot.engine, sql)) {
    const one = found.get(scheme);
    one.clusters[Number(customer)] = Number(cluster);
    one.count = Math.max(one.count, Number(cluster) + 1);
  }
  return found;
}

/** The bank of the run's night as its campaigns saw it. */
async function openNight(report, config, snapshot) {
  const pool = createInlinePool();
  const { referenceDate, folder } = report;
  const clusters = await readClusters(snapshot, folder, Object.keys(config.clusters));
  const bank = await loadBank({ pool, snapshot, records: recordsOf(snapshot, config), config, referenceDate }, clusters);
  const { features } = await readFeatureFile(folder);
  const contexts = await customerContexts(snapshot, features).at(referenceDate);
  return { pool, config, bank, features, contexts, clusters, calibrations: await readJson(join(folder, 'calibration.json')) };
}

/** Copies a campaign's models, and what its probabilities are made of: its calibration, and the scores of the night, among which others have their places. */
async function copyCampaign(night, plan, { folder, trainings }, made) {
  const { pool, config, bank, contexts, calibrations } = night;
  const { spec, fits } = trainings.find(({ campaign }) => campaign === plan.name);
  const models = { kind: spec.kind, byCluster: new Map(), all: null };
  const copies = [];
  for (const { cluster, file, customers } of fits) {
    const bytes = await readFile(join(folder, file));
    const copy = `models/${plan.name}.${basename(file)}`;
    await writeFile(join(made, copy), bytes);
    copies.push({ cluster, file: copy, customers });
    const model = modelFromState((await loadModel(bytes)).state);
    if (cluster === null) models.all = model;
    else models.byCluster.set(cluster, model);
  }
  const { intercept, slopes, products } = calibrations.find(({ campaign }) => campaign === plan.name);
  const known = ranksByFeatures(models) ? { ...bank, contexts } : bank;
  const tools = { pool, topN: config.top_n, fallback: config.fallback, rules: config.rules };
  const places = await withBaskets(pool, known, plan, async (table) => {
    const { results } = await scoreCampaign(tools, bank, table, models);
    return [...scorePlaces(table, results.units)];
  });
  const file = `places/${plan.name}.bin`;
  const parts = places.flatMap(([, { scores, below }]) => [Float32Array.from(scores), Uint32Array.from(below.subarray(1))]);
  await writeFile(join(made, file), Buffer.concat(parts.map(({ buffer }) => Buffer.from(buffer))));
  return {
    ...{ ...plan, rules: [], fitted: spec.kind, models: copies, calibration: { intercept, slopes, products } },
    places: { file, clusters: places.map(([cluster, { scores }]) => ({ cluster, scores: scores.length })) },
  };
}

/** Customers to begin with: the first who hold so many products of these classes and no other, and may be shown anything. */
const wanted = [{ deposit: 2 }, { deposit: 3, insurance: 1 }, { fund: 1, insurance: 2 }];

/** Customers of the run as the page enters them, and the lists that were published for them. */
async function exampleCustomers({ bank, clusters, contexts, features }, { snapshot, folder, baskets, products, bands }) {
  const { engine } = snapshot;
  const classOf = new Map(products.map(({ key, class: of }) => [key, of]));
  const bandOf = (day) => bands.findIndex(({ since }) => since === null || day >= since);
  const examples = [];
  for (const counts of wanted) {
    const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
    const customer = baskets.findIndex((basket, i) => {
      const classes = [...basket.keys()].map((key) => classOf.get(key));
      const fits = Object.entries(counts).every(([of, n]) => classes.filter((one) => one === of).length === n);
      return fits && classes.length === total && bank.eligible.every((flags) => flags[i] === 1);
    });
    const holdings = [...baskets[customer]].map(([key, day]) => ({ key, band: bandOf(day) }));
    const context = contexts.contexts[contexts.ofCustomer[customer]];
    const file = engine.dialect.text(join(folder, 'recommendations.parquet'));
    const rows = await queryRows(
      engine,
      `SELECT campaign, product_code AS code, score, probability, reason FROM read_parquet(${file}) published JOIN customers ON customers.id = published.customer
        WHERE customers.customer = ${customer} ORDER BY campaign, rank`,
    );
    examples.push({
      holdings: holdings.sort((a, b) =>
        classOf.get(a.key) < classOf.get(b.key) ? -1 : classOf.get(a.key) > classOf.get(b.key) ? 1 : a.key < b.key ? -1 : 1,
      ),
      levels: Object.fromEntries(features.map(({ name }, f) => [name, context[f]])),
      clusters: Object.fromEntries([...clusters].map(([scheme, { clusters: of }]) => [scheme, of[customer]])),
      published: rows.map(({ campaign, code, score, probability, reason }) => ({ campaign, code, score, probability, reason })),
    });
  }
  return examples;
}

/** Customers in each cluster. */
function sizesOf(clusters, count) {
  const sizes = new Array(count).fill(0);
  for (const cluster of clusters) if (cluster >= 0) sizes[cluster]++;
  return sizes;
}

async function makeBank(work) {
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
  const holders = new Map();
  for (const basket of baskets) for (const key of basket.keys()) holders.set(key, (holders.get(key) ?? 0) + 1);
  const products = groupProducts(found, holders);
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
  const bank = {
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
