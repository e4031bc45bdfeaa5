import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

/** The static folder that `npm run build` made. */
export const siteFolder = fileURLToPath(new URL('../../packages/demo/dist', import.meta.url));
const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** Tests that need a browser are skipped without one. */
export const hasChromium = existsSync(chromiumPath);

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

const isolation = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

/** Serves a static folder below a path of its own, as any file host would: without special headers, unless the page is to be isolated. */
export async function serveSite(isolated = false, folder = siteFolder): Promise<{ url: string; close: () => void }> {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url!, 'http://localhost').pathname).replace(/^\/anywhere\//, '');
    const file = join(folder, path === '' || path.endsWith('/') ? `${path}index.html` : path);
    const bytes = await readFile(file).catch(() => null);
    const headers = { 'content-type': types[extname(file)] ?? 'application/octet-stream', ...(isolated ? isolation : {}) };
    response.writeHead(bytes ? 200 : 404, headers);
    response.end(bytes ?? 'not found');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/anywhere/`, close: () => server.close() };
}

/** The system's Chromium, with nothing going on in its background. */
export function launchChromium(): Promise<Browser> {
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic'];
  return chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', ...quiet],
  });
}

/** A new page, which waits for what it is asked for as long as other suites on the same cores may hold it up. */
export async function openPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(120_000);
  return page;
}
