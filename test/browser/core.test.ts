import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bitsOf, sameEverywhere } from '../golden/numbers/bits.ts';
import { readmeProgram } from '../packages/readme-program.ts';
import { arraysBank, campaign, date, featuresOf, featuresOfConfig } from './arrays-bank.ts';
import { hasChromium, launchChromium, openPage } from './demo-site.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const isolation = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };
const types: Record<string, string> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript' };

/** Serves a page, and the dist folders of core and recommend as they are published below /core and /recommend. */
async function serve(page: string, isIsolated: boolean): Promise<{ url: string; close: () => void }> {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url!, 'http://localhost').pathname);
    const [, name, inside] = /^\/(core|recommend)(\/.*)$/.exec(path) ?? [];
    const file = name && inside && join(root, 'packages', name, 'dist', inside);
    const bytes = file ? await readFile(file).catch(() => null) : path === '/' ? page : null;
    const type = types[file ? extname(file) : '.html'] ?? 'application/octet-stream';
    response.writeHead(bytes === null ? 404 : 200, { 'content-type': type, ...(isIsolated ? isolation : {}) });
    response.end(bytes ?? 'not found');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => server.close() };
}

/** A page that runs a program, which may import core and recommend by their names. */
function programPage(program: string): string {
  const imports = JSON.stringify({
    imports: { '@basketwise/core': './core/browser.js', '@basketwise/recommend': './recommend/index.js' },
  });
  const scripts = `<script type="importmap">${imports}</script><script type="module">${program}console.log('done');</script>`;
  return `<!doctype html><link rel="icon" href="data:," />${scripts}`;
}

/** Output of a README's program in Node. */
async function printedInNode(program: string): Promise<string> {
  const folder = await mkdtemp(join(root, 'build', 'readme-'));
  try {
    await writeFile(join(folder, 'program.mjs'), program);
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'program.mjs')]);
    return stdout.trimEnd();
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe.skipIf(!hasChromium)('core and recommend in a page, without a bundler', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
  });

  test.each([
    ['core', false],
    ['core', true],
    ['recommend', false],
    ['recommend', true],
  ] as const)('the statements of the README of %s print what they print in Node (isolated: %s)', async (name, isIsolated) => {
    const inNode = await readmeProgram(name);
    const site = await serve(programPage(inNode), isIsolated);
    const page = await openPage(browser);
    const printed: string[] = [];
    page.on('console', (message) => printed.push(message.text()));
    page.on('pageerror', (error) => printed.push(`error: ${error.message}`));
    await page.goto(site.url);
    expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(isIsolated);
    await expect.poll(() => printed.at(-1)).toMatch(/^done$|^error/);
    expect(printed.join('\n')).toBe(`${await printedInNode(inNode)}\ndone`);
    await page.close();
    site.close();
  });

  test('next-purchase with features and dates lists in a page what a run publishes', async () => {
    const bank = await arraysBank(8000, 120);
    const program = `import { openCore } from '@basketwise/core';
      import { recommendTo } from '@basketwise/recommend';
      const featuresOf = ${featuresOf.toString()};
      globalThis.listed = async ({ ids, holdings, data, options }) => {
        const core = await openCore();
        const lists = await recommendTo(core.pool, holdings, { ...options, features: featuresOf(data) });
        await core.close();
        return ids.flatMap((customer, number) => lists.of(number).map((entry, i) =>
          [customer, String(i + 1), entry.product, entry.score, entry.probability, entry.reason]));
      };`;
    const site = await serve(programPage(program), true);
    try {
      const { lists } = await bank.run(`model: { kind: next-purchase }\n${featuresOfConfig}`);
      const page = await openPage(browser);
      await page.goto(site.url);
      await page.waitForFunction(() => 'listed' in globalThis);
      const { ids, holdings, features: data } = bank;
      const asked = { ids, holdings, data, options: { campaign, date, model: { kind: 'next-purchase' } } };
      const found = await page.evaluate(
        (one) => (globalThis as unknown as { listed: (from: typeof one) => Promise<unknown[]> }).listed(one),
        asked,
      );
      expect(lists.length).toBeGreaterThan(500);
      expect(found).toEqual(lists);
      await page.close();
    } finally {
      site.close();
      await bank.remove();
    }
  });

  test('logarithms and exponentials have the bits that they have in Node', async () => {
    const program = `import * as functions from './core/numbers/elementary.js'; console.log((${bitsOf.toString()})(functions));`;
    const site = await serve(`<!doctype html><link rel="icon" href="data:," /><script type="module">${program}</script>`, false);
    const page = await openPage(browser);
    const printed = page.waitForEvent('console');
    await page.goto(site.url);
    expect((await printed).text()).toBe(sameEverywhere);
    await page.close();
    site.close();
  });

  test('the example page lists products', async () => {
    const site = await serve(await readFile(join(root, 'examples/page.html'), 'utf8'), false);
    const page = await openPage(browser);
    await page.goto(site.url);
    await page.waitForFunction(() => document.title.includes('workers'));
    const items = await page.locator('#list li').allTextContents();
    expect(items).toHaveLength(3);
    expect(items[0]).toMatch(/^credit card: 0\.\d{3}, because of current account$/);
    await page.close();
    site.close();
  });
});
