// `npm run claim -- page [customers]`: a bank of 200,000 generated customers, its holdings dropped as Parquet into the demo in Chromium, on one thread: seconds
// to read and to train, judge and list; and whether lists and figures are those of `basketwise run` for the same file. Needs `npm run build:demo`.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, runJob } from '@basketwise/pipeline';
import { generateBank } from '@basketwise/sample/write';
import { hasChromium, launchChromium, serveSite } from '../../test/browser/demo-site.ts';
import { ownConfig, ownTold, recommendationRows } from '../../test/browser/own-lists.ts';

const [customers = 200_000, rounds = 3] = process.argv.slice(2).map(Number);
if (!hasChromium) throw new Error('there is no Chromium: set CHROMIUM to where it is');
const folder = await mkdtemp(join(tmpdir(), 'basketwise-page-'));
const [browser, site] = await Promise.all([launchChromium(), serveSite()]);
try {
  const written = await generateBank({ customers, products: 300, seed: 3, folder });
  const page = await browser.newPage({ acceptDownloads: true });
  const all: { read: number; train: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    await page.goto(`${site.url}?view=own&lang=en`);
    await page.locator('.own .drop input[type=file]').setInputFiles(join(folder, 'holdings.parquet'));
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    const result = page.locator('.own-result');
    await result.waitFor({ timeout: 600_000 });
    const { read, train } = await result.evaluate(({ dataset }) => ({ ...dataset }) as Record<string, string>);
    all.push({ read: Number(read), train: Number(train) });
    console.log(
      `round ${round + 1}: read ${Number(read).toFixed(1)} s, trained, judged and listed ${Number(train).toFixed(1)} s`,
    );
  }
  const date = await page.getByLabel('Holdings are of').inputValue();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download all customers’ lists' }).click(),
  ]);
  const own = recommendationRows(await readFile((await file.path())!, 'utf8'));
  await writeFile(join(folder, 'basketwise.yaml'), ownConfig(date));
  const report = await runJob(await loadConfig(join(folder, 'basketwise.yaml')));
  const published = recommendationRows(await readFile(join(report.folder, 'recommendations.csv'), 'utf8'));
  let different = Math.abs(own.length - published.length);
  for (const [i, row] of published.entries()) if (own[i] && ownTold(own[i]).join() !== ownTold(row).join()) different++;
  const shown = await page.locator('.verdict').evaluate(({ dataset }) => ({ ...dataset }) as Record<string, string>);
  const { ndcg, gap } = report.verdicts[0]!;
  const isSame = [shown.ndcg, shown.gap, shown.low, shown.high].map(Number).join() === [ndcg, gap.mean, gap.low, gap.high].join();
  const best = Math.min(...all.map(({ read, train }) => read + train));
  console.log(`${customers} customers, ${written.holdings} holdings: ${best.toFixed(1)} s in the page (the best of ${rounds})`);
  console.log(
    `${published.length} rows of the job, ${different} different in the page; verdict ${isSame ? 'equal' : 'different'}`,
  );
  if (different > 0 || !isSame) process.exitCode = 1;
} finally {
  await browser.close();
  site.close();
  await rm(folder, { recursive: true, force: true });
}
