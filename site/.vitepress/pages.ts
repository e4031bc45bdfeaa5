import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sections } from './navigation.ts';

/** The root of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url));
/** Folder of the copies that VitePress reads: a build within site/ finds its own packages only. */
const copies = fileURLToPath(new URL('../pages', import.meta.url));

const isPage = (path: string) => path.endsWith('.md');

/** Paths of all pages, from the root of the repository. */
export const pages: readonly string[] = [
  ...readdirSync(root).filter(isPage),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter(isPage)
    .map((path) => `docs/${path.replaceAll('\\', '/')}`),
  ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`),
];

/** Path of a page on the site, with its ending `.md`: a README is the index of its folder. */
export const sitePath = (page: string) => page.replace(/(^|\/)README\.md$/, '$1index.md');

/** Title of a page: its first heading. */
export function titleOf(page: string): string {
  const [, title] = /^# (.+)$/m.exec(readFileSync(join(root, page), 'utf8')) ?? [];
  if (title === undefined) throw new Error(`${page} has no heading: begin it with "# " and a title`);
  return title;
}

/**
 * Checks that each page is in one section of the navigation.
 * @throws Error naming pages that no section has, that several have, or that do not exist
 */
export function checkNavigation(): void {
  const listed = ['README.md', ...sections.flatMap((section) => section.pages)];
  const missing = pages.filter((page) => !listed.includes(page));
  const needless = listed.filter((page, i) => !pages.includes(page) || listed.indexOf(page) < i);
  if (missing.length > 0) throw new Error(`site/.vitepress/navigation.ts has no section for: ${missing.join(', ')}`);
  if (needless.length > 0) throw new Error(`site/.vitepress/navigation.ts repeats or misnames: ${needless.join(', ')}`);
}

/** Copies all pages and their pictures to site/pages. */
export function copyPages(): void {
  rmSync(copies, { recursive: true, force: true });
  cpSync(join(root, 'docs'), join(copies, 'docs'), { recursive: true });
  for (const page of pages) cpSync(join(root, page), join(copies, sitePath(page)));
}
