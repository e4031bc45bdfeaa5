import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Rules of axe for a page: some, or all but some. */
export type Rules = { only: string } | { allBut: string };

/** Faults of a page that axe finds by all its rules, or by some, each with the first element that has it. */
export async function accessibilityFaults(page: Page, rules?: Rules): Promise<string[]> {
  // evaluated: a page's own policy may keep inline scripts out
  await page.evaluate(await readFile(axe, 'utf8'));
  const options =
    rules === undefined ? {} : 'only' in rules ? { runOnly: [rules.only] } : { rules: { [rules.allBut]: { enabled: false } } };
  return page.evaluate(async (asked) => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    return (await axe.run(asked)).violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`);
  }, options);
}
