import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { launchChromium, openPage, serveSite } from './demo-site.ts';

/** Folder of the pictures in the repository. */
export const imagesFolder = fileURLToPath(new URL('../../docs/images', import.meta.url));
const program = fileURLToPath(new URL('../../packages/cli/bin/basketwise.js', import.meta.url));
/** Width of a terminal in characters. */
const columns = '80';

/** Names of the pictures, without `.png`. */
export const pictures = ['demo-one-customer', 'demo-korean-dark', 'demo-many-customers', 'report', 'init', 'doctor'];

/** Takes all pictures into a folder: the built demo, and report, `init` and `doctor` of the sample. Needs a font with Korean. */
export async function takePictures(folder: string): Promise<void> {
  const bank = await mkdtemp(join(tmpdir(), 'basketwise-pictures-'));
  const [browser, site] = await Promise.all([launchChromium(), serveSite()]);
  try {
    await mkdir(folder, { recursive: true });
    const page = await openPage(browser);
    const shoot = async (name: string, height: number) => {
      await page.setViewportSize({ width: page.viewportSize()!.width, height });
      await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
    };
    await shootDemo(page, site.url, shoot);
    // weekly offers for half a year, so that the report has their effect
    await runProgram(['sample', '--out', bank, ...'--customers 5000 --nights 24 --react 0.1'.split(' ')], bank);
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto(pathToFileURL(join(bank, 'out/latest/report.html')).href);
    await shoot('report', 900);
    await page.setViewportSize({ width: 1100, height: 900 });
    // a folder with the tables alone, as a bank would have it
    const own = join(bank, 'own');
    await cp(join(bank, 'data'), join(own, 'data'), { recursive: true });
    await shootTerminal(page, 'init data', await runProgram(['init', 'data', '--yes'], own), shoot);
    await shootTerminal(page, 'doctor --data', await runProgram(['doctor', '--data'], own), shoot);
  } finally {
    await browser.close();
    site.close();
    await rm(bank, { recursive: true, force: true });
  }
}

type Shoot = (name: string, height: number) => Promise<void>;

/** The page with one customer in English and in Korean, and with a million customers. */
async function shootDemo(page: Page, url: string, shoot: Shoot): Promise<void> {
  const open = async (query: string, awaited = page.locator('.recommendations li').nth(4)) => {
    await page.setViewportSize({ width: 1100, height: 900 });
    await page.goto(`${url}?${query}`);
    await awaited.waitFor({ state: 'attached' });
  };
  await open('lang=en&theme=light');
  await shoot('demo-one-customer', 930);
  await open('lang=ko&theme=dark');
  await page.locator('.basket .switch input').nth(2).uncheck();
  await page.locator('.move').first().waitFor();
  await page.locator('.search input').fill('급여');
  await shoot('demo-korean-dark', 900);
  await open('lang=en&theme=light&view=score', page.locator('.scoring'));
  await page.getByRole('button', { name: /Generate and score 1,000,000/ }).click();
  await page.locator('.result').waitFor();
  await shoot('demo-many-customers', 1130);
}

async function shootTerminal(page: Page, command: string, output: string, shoot: Shoot): Promise<void> {
  const style = 'margin: 0; padding: 16px; width: max-content; font: 14px/1.4 monospace; color: #e6e6e6; background: #1e2227';
  await page.setContent(`<body style="margin: 0; background: #1e2227"><pre style="${style}"></pre>`);
  await page.locator('pre').evaluate((pre, text) => {
    pre.textContent = text;
  }, `$ basketwise ${command}\n${output}`);
  const { width, height } = (await page.locator('pre').boundingBox())!;
  await page.setViewportSize({ width: Math.ceil(width), height: Math.ceil(height) });
  await shoot(command.split(' ')[0]!, Math.ceil(height));
}

/** Output of the program on a terminal of 80 columns; the folder's path as `/bank`. */
async function runProgram(args: readonly string[], cwd: string): Promise<string> {
  // `doctor` fails: the config that `init` writes leaves consent to the bank
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], {
    cwd,
    env: { ...process.env, COLUMNS: columns },
  }).catch((failure: { stdout: string }) => failure);
  return stdout.replaceAll(cwd, '/bank');
}
