import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessibilityFaults } from './accessibility.ts';
import { hasChromium, launchChromium, openPage, serveSite } from './demo-site.ts';

const program = fileURLToPath(new URL('../../scripts/docs.mjs', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'docs-'));

/** Builds the site into the folder, as `npm run docs` does; the first time this installs VitePress. */
async function buildSite(): Promise<{ code: number; said: string }> {
  const child = spawn(process.execPath, [program, 'build', '--base', '/anywhere/', '--outDir', folder]);
  const [out, err, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? -1))),
  ]);
  return { code, said: `${out}${err}` };
}

const { code, said } = hasChromium ? await buildSite() : { code: 0, said: '' };
const isOffline = code !== 0 && /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT/.test(said);
const missing = hasChromium ? (isOffline ? ' (skipped: no package registry)' : '') : ' (skipped: no Chromium)';

describe.skipIf(missing !== '')(`the site of the documents${missing}`, () => {
  let browser: Browser;
  let site: { url: string; close: () => void };
  let page: Page;
  const complaints: string[] = [];
  const strangers: string[] = [];

  beforeAll(async () => {
    [browser, site] = await Promise.all([launchChromium(), serveSite(false, folder)]);
    page = await openPage(browser);
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(site.url) && !request.url().startsWith('data:')) strangers.push(request.url());
    });
  });
  afterAll(async () => {
    await browser?.close();
    site?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('builds: all links and headings that they name are there', () => {
    expect(code, said).toBe(0);
  });

  test('axe finds nothing on pages with all that pages have; on each nothing scrolls sideways at 360 and 1280 px, no other host is asked', async () => {
    const pages = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.html') && file !== '404.html');
    expect(pages.length).toBeGreaterThan(30);
    const faults: string[] = [];
    for (const [i, file] of pages.entries()) {
      await page.goto(`${site.url}${file}`);
      await page.locator('main h1').waitFor();
      for (const { width, colorScheme, rules } of inFull.test(file)
        ? looks
        : i % 4 === 0 || process.env.CI_RELEASE
          ? looksOfEach
          : widths) {
        await page.setViewportSize({ width, height: 800 });
        // contrast is not measured amid a transition
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.waitForFunction(
          (isDark) => document.documentElement.classList.contains('dark') === isDark,
          colorScheme === 'dark',
        );
        const place = `${file} ${width} ${colorScheme}`;
        const found = rules === 'none' ? [] : await accessibilityFaults(page, rules);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        faults.push(...found.map((fault) => `${place}: ${fault}`), ...(wide > width ? [`${place}: ${wide} px wide`] : []));
      }
    }
    expect(faults).toEqual([]);
    expect(complaints).toEqual([]);
    expect(strangers).toEqual([]);
  });

  test('search finds a heading, and leads to it', async () => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(site.url);
    await page.getByRole('button', { name: 'Search' }).first().click();
    await page.getByRole('searchbox').fill('item half-step');
    await page.locator('.results a').first().click();
    await page.waitForURL(/method\.html#item-half-step$/);
  });
});

/** Pages that axe looks at in each width and colour: with code, tables and a diagram. The others have the same style. */
const inFull = /\/(first-night|architecture|commands)\.html$/;

/** Widths and colours of a page. Where only colours differ, axe checks their contrast; it is slow, and the same on all pages. */
const looks = [
  { width: 1280, colorScheme: 'light', rules: undefined },
  { width: 1280, colorScheme: 'dark', rules: { only: 'color-contrast' } },
  { width: 360, colorScheme: 'dark', rules: { only: 'color-contrast' } },
  { width: 360, colorScheme: 'light', rules: undefined },
] as const;
const looksOfEach = [
  { width: 1280, colorScheme: 'light', rules: { allBut: 'color-contrast' } },
  { width: 360, colorScheme: 'light', rules: 'none' },
] as const;
/** Of most pages axe looks before a release alone. */
const widths = looksOfEach.map((look) => ({ ...look, rules: 'none' as const }));
