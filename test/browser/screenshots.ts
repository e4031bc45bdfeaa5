// `npm run screenshots`: pictures of the demo and of the run report for README, from the built page and the last `npm start`.
import { existsSync } from 'node:fs';
import { mkdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { launchChromium, openPage, serveSite } from './demo-site.ts';

const images = fileURLToPath(new URL('../../docs/images', import.meta.url));
const latestRun = fileURLToPath(new URL('../../sample/out/latest', import.meta.url));
const mostBytes = 200_000;

async function shoot(page: Page, name: string, height?: number): Promise<void> {
  const path = join(images, `${name}.png`);
  const { width } = page.viewportSize()!;
  if (height !== undefined) await page.setViewportSize({ width, height });
  await page.screenshot({ path, animations: 'disabled' });
  const { size } = await stat(path);
  console.log(`${name}.png ${size} bytes`);
  if (size > mostBytes) throw new Error(`${name}.png has ${size} bytes, more than ${mostBytes}`);
}

async function open(page: Page, url: string, width: number): Promise<void> {
  await page.setViewportSize({ width, height: 900 });
  await page.goto(url);
  await page.locator('.recommendations li, .scoring').first().waitFor({ state: 'attached' });
}

const [browser, site] = await Promise.all([launchChromium(), serveSite()]);
try {
  await mkdir(images, { recursive: true });
  const page = await openPage(browser);
  await open(page, `${site.url}?lang=en&theme=light`, 1100);
  await page.locator('.recommendations li').nth(4).waitFor();
  await shoot(page, 'demo-one-customer', 960);

  await open(page, `${site.url}?lang=ko&theme=dark`, 1100);
  await page.locator('.recommendations li').nth(4).waitFor();
  await page.locator('.basket .switch input').nth(2).uncheck();
  await page.locator('.move').first().waitFor();
  await page.locator('.search input').fill('급여');
  await shoot(page, 'demo-korean-dark', 900);

  await open(page, `${site.url}?lang=en&theme=light&view=score`, 1100);
  await page.getByRole('button', { name: /Generate and score 1,000,000/ }).click();
  await page.locator('.result').waitFor();
  await shoot(page, 'demo-many-customers', 1130);

  await open(page, `${site.url}?lang=ko&theme=light`, 360);
  await page.locator('.recommendations li').nth(4).waitFor();
  await shoot(page, 'demo-narrow', 1000);

  if (existsSync(latestRun)) {
    await page.setViewportSize({ width: 1100, height: 1450 });
    await page.goto(pathToFileURL(join(await realpath(latestRun), 'report.html')).href);
    await shoot(page, 'report');
  } else console.log('no report: run npm start first');
} finally {
  await browser.close();
  site.close();
}
