import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadConfig, runJob } from '@basketwise/pipeline';
import { expect, test } from 'vitest';
import { smallBank, writeBank } from '../e2e/pipeline/small-bank.ts';
import { hasChromium, launchChromium } from './demo-site.ts';

test.skipIf(!hasChromium)('the report of a run opens from a file: no request, no error, and 360 px are enough', async () => {
  const { folder, remove } = await writeBank(smallBank());
  const browser = await launchChromium();
  try {
    const run = await runJob(await loadConfig(join(folder, 'basketwise.yaml')));
    const page = await browser.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    const { href } = pathToFileURL(join(run.folder, 'report.html'));
    await page.goto(href);
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await page.locator('h1').textContent()).toContain('2022-08-31');
    expect(await page.locator('svg').count()).toBeGreaterThan(2);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    expect(requests).toEqual([href]);
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
    await remove();
  }
});
