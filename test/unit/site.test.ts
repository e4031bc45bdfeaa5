import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { deadLinks } from '../../site/.vitepress/dead-links.ts';
import { checkNavigation } from '../../site/.vitepress/pages.ts';
import { temporaryFolder } from './data/bank.ts';

test('each page is in one section of the site', () => {
  expect(checkNavigation).not.toThrow();
});

test('links of a built site that lead nowhere are found: pages, headings, from the root and relative', async () => {
  const folder = await temporaryFolder();
  const links = [
    '/x/',
    '/x/docs/a.html#one',
    './docs/a.html',
    '#here',
    'https://example.com',
    '/x/assets/a.css',
    '/x/docs/none.html',
  ];
  const dead = ['/x/docs/a.html#two', './docs/', '#there'];
  const anchors = (hrefs: readonly string[]) => hrefs.map((href) => `<a href="${href}">a</a>`).join('');
  await mkdir(join(folder, 'docs'));
  await writeFile(join(folder, 'index.html'), `<h1 id="here"></h1>${anchors([...links, ...dead])}`);
  await writeFile(join(folder, 'docs/a.html'), '<h2 id="one"></h2><a href="../index.html#here">up</a>');
  expect(deadLinks(folder, '/x/')).toEqual(['/x/docs/none.html', ...dead].map((href) => `/x/index.html: ${href}`));
});
