import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { publishedOutcomes } from '@basketwise/offers';
import { loadConfig, runJob } from '@basketwise/pipeline';
import { expect, test } from 'vitest';
import { pageStyle } from '../../packages/page/src/document.ts';
import { outcomeSection } from '../../packages/pipeline/src/report/sections-outcomes.ts';
import { smallBank, writeBank } from '../e2e/pipeline/small-bank.ts';
import { readOutOf } from '../reference/published-attacks.ts';
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

/** Printed section on the effect of earlier offers: eight runs of so many campaigns, every third one undecided. */
function printedSheet(campaigns: number): string {
  const one = readOutOf(
    Array.from({ length: campaigns }, (_, i) =>
      i % 3 === 2 ? [120, 40, 20, 4] : [1200 + 100 * i, 200 + 20 * i, 400, 8 + 2 * i],
    ),
  );
  const months = [1, 2, 3, 4, 5, 6, 7, 8];
  const runs = months.map((month) => ({
    ...{ run: `r${month}`, date: `2022-0${month}-28`, hasOffers: true, offeredBefore: { offered: 100, control: 30 } },
  }));
  const outcomes = one.outcomes
    .slice(0, campaigns + 1)
    .map((other) => ({ ...other, run: 'all', value: other.value.replace('c', 'insurance-cross-') }));
  const pooled = runs.map(({ run }) => run);
  const published = publishedOutcomes({ ...one, runs, pooled, outcomes, gap: { months: 1, days: 0 } });
  const report = {
    ...{ referenceDate: '2023-08-31', run: '2023-08-31-8ba2bd28', outcomes: published },
    campaigns: [],
    offers: { all: { offered: 300 }, control: { decided: 120, customers: 400 }, campaigns: [] },
    contactList: { file: 'contact-list.csv', approvals: null },
  } as unknown as Parameters<typeof outcomeSection>[0];
  const [sheet] = /<section class="sheet">[\s\S]*?<\/section>/.exec(outcomeSection(report).text)!;
  return `<!doctype html><style>${pageStyle.text}</style><p>before</p>${sheet}<p>after</p>`;
}

test.skipIf(!hasChromium)(
  'the effect of earlier offers is one printed page: of 8 campaigns with wide margins, of 12 with narrow ones',
  async () => {
    const browser = await launchChromium();
    try {
      const page = await openPage(browser);
      for (const [campaigns, format, margin] of [
        [1, 'A4', '20mm'],
        [8, 'A4', '20mm'],
        [8, 'Letter', '20mm'],
        [12, 'A4', '10mm'],
        [12, 'Letter', '10mm'],
      ] as const) {
        await page.setContent(printedSheet(campaigns));
        const pdf = await page.pdf({ format, margin: { top: margin, bottom: margin, left: margin, right: margin } });
        // One page each before and after it.
        expect([campaigns, format, pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)]).toMatchObject([
          campaigns,
          format,
          { length: 3 },
        ]);
      }
    } finally {
      await browser.close();
    }
  },
);
