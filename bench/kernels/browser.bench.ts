// The demo's page against Node's single thread, in one run: 1 million generated customers x 300 products, top 5 (issue: at least half),
// and the time from opening the page to the first list: medians of rounds in turns. Builds the page; needs the system's Chromium.
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCore } from '@basketwise/core/node';
import type { DemoBank } from '../../packages/demo/src/engine/bank.ts';
import { loadAdvice } from '../../packages/demo/src/engine/campaign-advice.ts';
import { generatedCodes, generatedHoldings } from '../../packages/demo/src/engine/generated-holdings.ts';
import { scoreHoldings } from '../../packages/demo/src/engine/score-holdings.ts';
import { hasChromium, launchChromium, serveSite, siteFolder } from '../../test/browser/demo-site.ts';
import { median, roundCount } from '../peers/rounds.ts';

const customers = 1_000_000;
const campaignName = 'deposit-upsell';

interface Measured {
  total: number;
  score: number;
}

async function measureNode(bank: DemoBank): Promise<Measured> {
  const core = await openCore({ workers: 1 });
  try {
    const campaign = bank.campaigns.find(({ name }) => name === campaignName)!;
    const advice = await loadAdvice(core, campaign, async (file) => {
      return new Uint8Array(await readFile(join(siteFolder, 'bank', file))).buffer;
    });
    const holdings = generatedHoldings(bank, customers);
    const codes = () => generatedCodes(bank, customers);
    const { milliseconds } = await scoreHoldings(core.pool, { bank, advice, customers, holdings, codes, n: 5, cluster: null });
    return milliseconds;
  } finally {
    await core.close();
  }
}

async function measurePage(): Promise<Measured & { firstList: number }> {
  const [browser, site] = await Promise.all([launchChromium(), serveSite()]);
  try {
    const page = await browser.newPage();
    const began = performance.now();
    await page.goto(`${site.url}?lang=en`);
    await page.locator('.recommendations li').first().waitFor();
    const firstList = performance.now() - began;
    await page.getByRole('button', { name: 'Many customers' }).click();
    await page.locator('.scoring').getByRole('combobox', { name: 'Campaign' }).selectOption(campaignName);
    await page.getByRole('button', { name: /Generate and score 1,000,000/ }).click();
    const result = page.locator('.result');
    await result.waitFor({ timeout: 600_000 });
    const rate = Number(await result.getAttribute('data-rate'));
    return { firstList, total: (customers / rate) * 1000, score: Number(await result.getAttribute('data-score-milliseconds')) };
  } finally {
    await browser.close();
    site.close();
  }
}

if (hasChromium) {
  execFileSync('npm', ['run', '--silent', 'build:demo'], { stdio: ['ignore', 2, 2] });
  const bank: DemoBank = JSON.parse(await readFile(join(siteFolder, 'bank/bank.json'), 'utf8'));
  const rounds: { node: Measured; page: Awaited<ReturnType<typeof measurePage>> }[] = [];
  for (let round = 0; round < roundCount; round++) rounds.push({ node: await measureNode(bank), page: await measurePage() });
  const line = (name: string, { total, score }: Measured) =>
    `${name.padEnd(22)} ${(total / 1000).toFixed(2)} s in all, ${(score / 1000).toFixed(2)} s scoring, ${Math.round(customers / (total / 1000))} customers/s`;
  console.log(`${customers} customers x ${bank.products.length} products, top 5, ${campaignName}`);
  const of = (side: 'node' | 'page'): Measured => ({
    total: median(rounds.map((round) => round[side].total)),
    score: median(rounds.map((round) => round[side].score)),
  });
  console.log(line('Node, one worker', of('node')));
  console.log(line('page, one thread', of('page')));
  const all = median(rounds.map(({ node, page }) => node.total / page.total));
  const scoring = median(rounds.map(({ node, page }) => node.score / page.score));
  const firstList = median(rounds.map(({ page }) => page.firstList));
  console.log(`page against Node: ${all.toFixed(2)} x in all, ${scoring.toFixed(2)} x scoring (at least .50)`);
  console.log(`first list after ${Math.round(firstList)} ms (under 1000)`);
  if (Math.min(all, scoring) < 0.5 || firstList > 1000) process.exitCode = 1;
} else console.log('skipped: no Chromium on this machine');
