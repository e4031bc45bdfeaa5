import { type DefaultTheme, defineConfig, type MarkdownRenderer } from 'vitepress';
import { deadLinks } from './dead-links.ts';
import { diagramOf } from './diagram.ts';
import { anchorOf, siteLinks } from './links.ts';
import { sections } from './navigation.ts';
import { checkNavigation, copyPages, sitePath, titleOf } from './pages.ts';

checkNavigation();
copyPages();

const linkTo = (page: string) => `/${sitePath(page).replace(/index\.md$/, '')}`.replace(/\.md$/, '.html');

/** Gives indented code the box of fenced code, and draws blocks of Mermaid when the site is built. */
function codeBlocks(md: MarkdownRenderer): void {
  const fence = md.renderer.rules.fence!;
  md.renderer.rules.code_block = (tokens, index, ...rest) => {
    tokens[index]!.info = 'text';
    return fence(tokens, index, ...rest);
  };
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const { info, content } = tokens[index]!;
    return info.trim() === 'mermaid'
      ? `<div class="diagram" tabindex="0">${diagramOf(content)}</div>\n`
      : fence(tokens, index, ...rest);
  };
}

const sidebar: DefaultTheme.SidebarItem[] = sections.map(({ text, pages }) => ({
  text,
  items: pages.map((page) => ({ text: titleOf(page), link: linkTo(page) })),
}));

const nav: DefaultTheme.NavItem[] = sections.map(({ text, pages }) => ({
  text,
  link: linkTo(pages[0]!),
  activeMatch: `^(${pages.map((page) => linkTo(page).replaceAll('.', '\\.')).join('|')})$`,
}));

export default defineConfig({
  title: 'Basketwise',
  description: 'Product recommendation for retail banks: one batch on one commodity server',
  srcDir: 'pages',
  outDir: 'dist',
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  markdown: {
    anchor: { slugify: anchorOf },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    // braces on the pages are YAML and sets, not attributes
    attrs: { disable: true },
    config: (md) => {
      siteLinks(md);
      codeBlocks(md);
    },
  },
  themeConfig: { nav, sidebar, outline: [2, 3], search: { provider: 'local' } },
  buildEnd: ({ outDir, site }) => {
    const dead = deadLinks(outDir, site.base);
    if (dead.length > 0) throw new Error(`links that lead nowhere:\n${dead.join('\n')}`);
  },
});
