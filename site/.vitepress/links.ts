import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import type { MarkdownEnv, MarkdownRenderer } from 'vitepress';
import { pages, root, sitePath } from './pages.ts';

type Tokens = ReturnType<MarkdownRenderer['parse']>;

/** Name of a heading in links, by the rule of GitHub, which the pages are written for. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}

/** Makes the links of the repository those of the site: to pages by their paths there, to other files as their names in code. */
export function siteLinks(md: MarkdownRenderer): void {
  md.core.ruler.after('inline', 'site-links', ({ tokens, env }) => {
    for (const { children } of tokens) if (children) convertLinks(children, (env as MarkdownEnv).relativePath);
  });
}

function convertLinks(tokens: Tokens, page: string): void {
  for (const [i, token] of tokens.entries()) {
    const href = token.type === 'link_open' ? String(token.attrGet('href')) : '#';
    if (/^(#|[a-z]+:)/.test(href)) continue;
    const [path = '', anchor] = href.split('#');
    const target = normalize(join(dirname(page), decodeURI(path)));
    if (pages.includes(target)) token.attrSet('href', `/${sitePath(target)}${anchor === undefined ? '' : `#${anchor}`}`);
    else if (existsSync(join(root, target))) nameFile(tokens, i, target);
    else throw new Error(`${page} links to ${href}, which is not in the repository`);
  }
}

/** Replaces the link that begins at `open` by its text and the path of the file, or by the text as code where this is the file's name. */
function nameFile(tokens: Tokens, open: number, target: string): void {
  const close = tokens.findIndex(({ type }, i) => i > open && type === 'link_close');
  const text = tokens
    .slice(open, close)
    .map(({ content }) => content)
    .join('');
  const isName = target.endsWith(text) || /^[\w./-]+$/.test(text);
  const isCode = tokens.slice(open, close).some(({ type }) => type === 'code_inline');
  const [before, after] = isCode
    ? ['', '']
    : isName
      ? [`<code title="${target}">`, '</code>']
      : ['', ` (<code>${target}</code>)`];
  for (const [i, content] of [
    [open, before],
    [close, after],
  ] as const) {
    Object.assign(tokens[i]!, { type: 'html_inline', tag: '', nesting: 0, attrs: null, content });
  }
}
