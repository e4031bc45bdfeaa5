import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** The built command line program in a few files, and `serve.mjs` beside it: thousands of processes start twice as fast. */
export async function bundleProgram(repository: string, to: string): Promise<void> {
  await build({
    entryPoints: { main: join(repository, 'packages/cli/dist/main.js'), serve: join(import.meta.dirname, 'serve.ts') },
    ...{ outdir: to, outExtension: { '.js': '.mjs' } },
    ...{ bundle: true, splitting: true, minify: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'error' },
    external: ['@duckdb/node-bindings*'],
    banner: { js: "import{createRequire as makeRequire}from'node:module';const require=makeRequire(import.meta.url);" },
    plugins: [placesOf(repository)],
  });
}

/** Each module of ours goes on to be where it was, in `program` beside the folder of the bundle. */
const placesOf = (repository: string): Plugin => ({
  name: 'places',
  setup({ onLoad }) {
    onLoad({ filter: /packages\/\w+\/dist\/.*\.js$/ }, async ({ path }) => {
      const place = JSON.stringify(`../program/${relative(repository, path)}`);
      const text = await readFile(path, 'utf8');
      return { contents: text.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`), loader: 'js' };
    });
  },
});
