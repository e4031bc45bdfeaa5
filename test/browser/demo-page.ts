import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { launchChromium, openPage, serveSite } from './demo-site.ts';

export interface Demo {
  browser: Browser;
  site: { url: string; close: () => void };
  /** A new one for each test. */
  page: Page;
}

/** Gives each test of a `describe` a page, which must report no error and request its own site alone. */
export function useDemo(): Demo {
  const demo = {} as Demo;
  let complaints: string[];
  let strangers: string[];
  beforeAll(async () => {
    [demo.browser, demo.site] = await Promise.all([launchChromium(), serveSite()]);
  });
  afterAll(async () => {
    await demo.browser?.close();
    demo.site?.close();
  });
  beforeEach(async () => {
    demo.page = await openPage(demo.browser);
    complaints = [];
    strangers = [];
    demo.page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    demo.page.on('pageerror', (error) => complaints.push(error.message));
    demo.page.on('request', (request) => {
      const isOwn = /^(blob:|data:)/.test(request.url()) || request.url().startsWith(demo.site.url);
      if (!isOwn) strangers.push(request.url());
    });
  });
  afterEach(async () => {
    await demo.page.close();
    expect(complaints).toEqual([]);
    expect(strangers).toEqual([]);
  });
  return demo;
}
