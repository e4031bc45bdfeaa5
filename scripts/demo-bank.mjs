// Makes what the demo shows: runs the nightly job on a sample bank, and puts its models, products and distinct baskets where Vite takes
// them from. Nothing is done where they are there already, of the same kernels; --force makes them anew.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kernelHash } from '@basketwise/core';
import { openSnapshot } from '@basketwise/data';
import { daysSinceEpoch, loadConfig, minusSpan, runJob } from '@basketwise/pipeline';
import { bankOf, drawCatalog, sampleConfig } from '@basketwise/sample';
import { generateBank } from '@basketwise/sample/write';

const target = fileURLToPath(new URL('../packages/demo/public/bank', import.meta.url));
const sample = { customers: 20_000, products: 300, seed: 1 };
/** Raised when what is written here changes its form, or the sample bank its content. */
const formatVersion = 2;
const ofAll = '-all';

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

/** The sample's config, with a model of all customers beside those of the clusters: generated customers have no cluster. */
function configText() {
  const clustered = /^ {2}([\w-]+):( +)\{ (kind: upsell, class: \w+), by_cluster: \w+ \}$/gm;
  return sampleConfig({ model: 'als' }).replace(clustered, (line, name, _, rest) => `${line}\n  ${name}${ofAll}: { ${rest} }`);
}

/** Copies a run's model files; campaigns with their models, those of all customers under the name of the clustered ones. */
async function copyModels(report, config, made) {
  const campaigns = new Map();
  for (const { campaign, fits } of report.trainings) {
    const name = campaign.endsWith(ofAll) ? campaign.slice(0, -ofAll.length) : campaign;
    const { kind, class: of, columns } = config.campaigns[name];
    if (!campaigns.has(name)) campaigns.set(name, { name, kind, class: of, columns: columns ?? [of], models: [] });
    for (const { cluster, file, customers } of fits) {
      const copy = `models/${campaign}.${basename(file)}`;
      await writeFile(join(made, copy), await readFile(join(report.folder, file)));
      campaigns.get(name).models.push({ cluster, file: copy, customers });
    }
  }
  return [...campaigns.values()];
}

async function makeBank(work) {
  await generateBank({ ...sample, folder: join(work, 'data') });
  await writeFile(join(work, 'basketwise.yaml'), configText());
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
  await snapshot.close();
  const holders = new Map();
  for (const basket of baskets) for (const key of basket.keys()) holders.set(key, (holders.get(key) ?? 0) + 1);
  const products = groupProducts(found, holders);
  const bands = config.recency.bands.map(({ within }) => ({
    within: within ? spanText(within) : null,
    since: within ? daysSinceEpoch(minusSpan(referenceDate, within)) : null,
  }));
  const made = join(work, 'bank');
  await mkdir(join(made, 'models'), { recursive: true });
  const campaigns = await copyModels(report, config, made);
  await writeFile(join(made, 'baskets.txt'), `${basketLines(baskets, products, bands).join('\n')}\n`);
  const rules = config.rules.map(({ reason, class: of }) => ({ reason, class: of ?? null }));
  const bank = {
    ...{ formatVersion, kernelHash, referenceDate, referenceDay: daysSinceEpoch(referenceDate) },
    ...{ customers: sample.customers, seed: sample.seed, generatedProducts: sample.products },
    ...{ products, bands, campaigns, rules, baskets: 'baskets.txt' },
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
