import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadConfig, runJob } from '@basketwise/pipeline';
import { expect, test } from 'vitest';
import { smallBank, writeBank } from '../e2e/pipeline/small-bank.ts';
import { accessibilityFaults } from './accessibility.ts';
import { hasChromium, launchChromium, openPage } from './demo-site.ts';

test.skipIf(!hasChromium)('the report of a run opens from a file: no request, no error, and 360 px are enough', async () => {
  const { folder, remove } = await writeBank(smallBank());
  const browser = await launchChromium();
  try {
    const run = await runJob(await loadConfig(join(folder, 'basketwise.yaml')));
    const page = await openPage(browser);
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

test.skipIf(!hasChromium)('report and nights: axe finds nothing, light, dark and in print, at 360 and 1280 px', async () => {
  const { folder, remove } = await writeBank(smallBank(300));
  const browser = await launchChromium();
  try {
    const settings = await loadConfig(join(folder, 'basketwise.yaml'));
    await runJob(settings, { referenceDate: '2022-07-31' });
    const run = await runJob(settings);
    for (const file of [join(run.folder, 'report.html'), join(folder, 'out/index.html')]) {
      const page = await openPage(browser);
      const requests: string[] = [];
      page.on('request', (request) => requests.push(request.url()));
      await page.goto(pathToFileURL(file).href);
      for (const [colorScheme, media, width] of [
        ['light', 'screen', 360],
        ['dark', 'screen', 360],
        ['light', 'screen', 1280],
        ['dark', 'screen', 1280],
        ['light', 'print', 1280],
        // a page of A4 between its margins: what does not fit is cut off on paper
        ['light', 'print', 718],
      ] as const) {
        await page.emulateMedia({ colorScheme, media });
        await page.setViewportSize({ width, height: 800 });
        const place = `${file} ${colorScheme} ${media} ${width}`;
        expect(await page.evaluate(() => document.documentElement.scrollWidth), place).toBeLessThanOrEqual(width);
        expect(await accessibilityFaults(page), place).toEqual([]);
        const shots = process.env.SHOTS;
        if (shots)
          await page.screenshot({
            path: join(shots, `${file.endsWith('index.html') ? 'nights' : 'report'}-${colorScheme}-${media}-${width}.png`),
          });
      }
      expect(requests.length).toBe(1);
      await page.close();
    }
  } finally {
    await browser.close();
    await remove();
  }
});
