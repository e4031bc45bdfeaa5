import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';

/**
 * Links of a built site that lead to no page, or to no heading of one, as `page: link`.
 * @param folder the folder of the built pages
 * @param base path of the site on its host, with a slash at both ends
 */
export function deadLinks(folder: string, base: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html'));
  const pages = new Map(files.map((file) => [`${base}${file.replaceAll('\\', '/')}`, readFileSync(join(folder, file), 'utf8')]));
  return [...pages].flatMap(([page, html]) =>
    valuesOf(html, 'href')
      .filter((href) => /^[/#.]/.test(href) && !leadsSomewhere(href, page, pages))
      .map((href) => `${page}: ${href}`),
  );
}

const valuesOf = (html: string, attribute: string) =>
  [...html.matchAll(new RegExp(` ${attribute}="([^"]*)"`, 'g'))].map(([, value]) => value!);

function leadsSomewhere(href: string, page: string, pages: ReadonlyMap<string, string>): boolean {
  const [path = '', anchor = ''] = decodeURI(href).split('#');
  const whole = path === '' ? page : path.startsWith('/') ? path : join(dirname(page), path);
  const target = whole.endsWith('/') ? `${whole}index.html` : whole;
  // scripts, styles and pictures are found by the bundler
  if (!target.endsWith('.html')) return true;
  const html = pages.get(target);
  return html !== undefined && (anchor === '' || valuesOf(html, 'id').includes(anchor));
}
