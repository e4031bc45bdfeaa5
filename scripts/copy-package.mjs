// The files of a package of this workspace that are handed out, and their links.
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

export const readPackage = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** Copies the published files of a package, to the command line's the pages of docs/ as well, because its hints name them. */
export function copyPackage(folder, to) {
  const { files, bin } = readPackage(folder);
  const left = new Set(files.filter((file) => file.startsWith('!')).map((file) => join(folder, file.slice(1))));
  for (const file of ['package.json', 'README.md', 'LICENSE', ...files.filter((file) => !file.startsWith('!'))])
    cpSync(join(folder, file), join(to, file), { recursive: true, filter: (path) => !left.has(path) });
  const images = join(root, 'docs/images');
  if (bin) cpSync(join(root, 'docs'), join(to, 'docs'), { recursive: true, filter: (path) => path !== images });
}

/** Makes links of a copied package's pages that leave it addresses below `address`. @param origin folder that it was copied from */
export function linkOutside(origin, to, address) {
  const pages = readdirSync(to, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'));
  for (const page of pages) {
    const place = dirname(join(page.startsWith('docs') ? root : origin, page));
    const text = readFileSync(join(to, page), 'utf8').replace(/\]\(((?!#|[a-z]+:)[^)\s]+)/g, (link, target) => {
      const path = relative(root, join(place, target));
      const isInside = page.startsWith('docs') && /^docs\/(?!images)/.test(path);
      return isInside ? link : `](${address}/${path}`;
    });
    writeFileSync(join(to, page), text);
  }
}
