// `npm run docs`: builds the site of the documents, site/dist; installs VitePress below site/ first. `npm run docs -- dev` serves it, also to look at
// a page while it is written (a change of a page needs a restart); `npm run docs -- preview` serves what is built.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isInstalled, npm } from './npm-tree.mjs';

const site = fileURLToPath(new URL('../site', import.meta.url));
if (!isInstalled(site)) npm(site, 'ci');

const [command = 'build', ...rest] = process.argv.slice(2);
const program = join(site, 'node_modules/vitepress/bin/vitepress.js');
const { status } = spawnSync(process.execPath, [program, command, site, ...rest], { stdio: 'inherit' });
process.exit(status ?? 70);
