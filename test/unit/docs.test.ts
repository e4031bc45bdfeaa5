import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseConfig } from '@basketwise/pipeline';
import { commandLine } from 'basketwise/run-command';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pages = [
  ...(await readdir(root)).filter((name) => name.endsWith('.md')),
  ...(await readdir(join(root, 'docs'), { recursive: true }))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  ...(await readdir(join(root, 'packages'))).map((name) => `packages/${name}/README.md`),
];

/** Targets of the links and pictures of a page that lead to files here. */
function linksOf(text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!).filter((target) => !/^[a-z]+:/.test(target));
}

/** Names that headings have as targets of links. */
function anchorsOf(text: string): string[] {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!.toLowerCase());
  return headings.map((heading) => heading.replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-'));
}

test.each(pages)('the links of %s lead somewhere', async (page) => {
  const text = await readFile(join(root, page), 'utf8');
  const broken: string[] = [];
  for (const target of linksOf(text)) {
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? join(root, page) : resolve(root, dirname(page), path);
    if (!existsSync(file)) broken.push(target);
    else if (anchor !== undefined && !anchorsOf(await readFile(file, 'utf8')).includes(anchor)) broken.push(target);
  }
  expect(broken).toEqual([]);
});

test.each(pages)('the scripts that %s names are there', async (page) => {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  const text = await readFile(join(root, page), 'utf8');
  const named = [...text.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, name]) => name!);
  const files = [...text.matchAll(/\b(?:node|tsx) ((?:scripts|examples|packages)\/[\w./-]+)/g)].map(([, file]) => file!);
  expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

/** Config that examples, which are parts of one, complete; with the names that they mention. */
const base = keysOf(`reference_date: 2022-08-31
tables:
  customers: { from: customers.parquet, id: id }
  products: { from: products.parquet, code: code, name: name, class: class }
  holdings: { from: holdings.parquet, customer: id, product: code, by: code, date: opened }
clusters:
  deposit: { k: 6, numeric: [balance] }
segments:
  age: { column: age, bands: [{ label: unknown, null: true }, { label: under 30, to: 30 }, { label: 30 and over, from: 30 }] }
campaigns:
  loan: { kind: cross, class: loan, columns: [deposit, loan] }
  fund-cross: { kind: cross, class: fund, columns: [deposit, fund] }
offers: { value: 1 }
validation: { owner: sales, purpose: lists, tier: '1' }
`);

type Keys = { [key: string]: unknown };

/** Keys of a config; `null` is one of them. */
function keysOf(text: string): Keys {
  return parse(text.replaceAll(/\bnull: true/g, '"null": true')) as Keys;
}

const isKeys = (value: unknown): value is Keys => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A config with the keys of an example, which replace its own; a table has either `from` or `sql`. */
function completed(config: Keys, example: Keys): Keys {
  const { from, ...rest } = config;
  const whole = from === undefined || 'sql' in example ? rest : { from, ...rest };
  const given = Object.entries(example).map(([key, value]) => {
    const own = whole[key];
    return [key, isKeys(own) && isKeys(value) ? completed(own, value) : (value ?? own)];
  });
  return { ...whole, ...Object.fromEntries(given) };
}

const blocks = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, block]) => block!);

test.each(pages)('the configs on %s are valid', async (page) => {
  for (const example of blocks(await readFile(join(root, page), 'utf8'), 'yaml')) {
    expect(() => parseConfig(example, page)).not.toThrow(/YAML/);
    expect(() => parseConfig(stringify(completed(base, keysOf(example))), page)).not.toThrow();
  }
});

/** Commands of Basketwise in the code of a page, without comments and redirections; `a|b` are two. */
function commandsOf(text: string): string[][] {
  const lines = [...blocks(text, 'sh'), ...blocks(text, 'bash')].flatMap((block) => block.split('\n'));
  const indented = [...text.matchAll(/^ {4}(\S.*)$/gm)].map(([, line]) => line!);
  return [...lines, ...indented].flatMap((line) => {
    const [, rest] =
      /^(?:npx |\/\S*\/|\$)?basketwise (.*)$/.exec(line.replace(/\s+#.*$/, '').replace(/\s*(?:[;>]|\s\|\s|&&).*$/, '')) ?? [];
    if (rest === undefined) return [];
    const words = rest.split(/\s+/);
    const choices = words.find((word) => /^\w+(\|\w+)+$/.test(word))?.split('|') ?? [''];
    return choices.map((choice) => words.map((word) => (word.includes('|') ? choice : word)));
  });
}

/** The command line, whose commands do nothing. */
function idleCommandLine(): ReturnType<typeof commandLine> {
  const program = commandLine();
  const idle = (command: typeof program) => {
    if (command.commands.length === 0) command.action(() => {});
    for (const one of command.commands) idle(one as typeof program);
  };
  idle(program);
  return program;
}

test.each(pages.filter((page) => !page.startsWith('docs/reference/')))(
  'the commands on %s exist, with their options',
  async (page) => {
    const wrong: string[] = [];
    for (const words of commandsOf(await readFile(join(root, page), 'utf8'))) {
      if (words.includes('--help')) continue;
      try {
        idleCommandLine().parse(words, { from: 'user' });
      } catch (error) {
        wrong.push(`${words.join(' ')}: ${error}`);
      }
    }
    expect(wrong).toEqual([]);
  },
);

test('commands are found in pages, and wrong ones refused', () => {
  const page =
    '```sh\nnpx basketwise run --json > a.json  # all\n```\n\n    basketwise cluster elbow|fit SCHEME\n    /opt/x/basketwise runs && ls\n';
  expect(commandsOf(page)).toEqual([['run', '--json'], ['cluster', 'elbow', 'SCHEME'], ['cluster', 'fit', 'SCHEME'], ['runs']]);
  for (const words of [['walk'], ['run', '--fast'], ['rollback'], ['cluster', 'bend', 'SCHEME'], ['runs', 'all']]) {
    expect(() => idleCommandLine().parse(words, { from: 'user' })).toThrow();
  }
});

test('the worked example of docs/extending.md is the compiled one', async () => {
  const [page, example] = await Promise.all(
    ['docs/extending.md', 'examples/next-size.ts'].map((name) => readFile(join(root, name), 'utf8')),
  );
  expect(blocks(page!, 'ts')).toEqual([example]);
});

interface Picture {
  floors: Readonly<Record<string, readonly (readonly string[])[]>>;
  uses: Readonly<Record<string, readonly string[]>>;
}

describe('docs/architecture.md', async () => {
  const { floors, uses }: Picture = await import(pathToFileURL(join(root, '.dependency-cruiser.mjs')).href);
  const page = await readFile(join(root, 'docs/architecture.md'), 'utf8');
  const section = (heading: string) => page.split(`\n## ${heading}\n`)[1]!.split('\n## ')[0]!;

  test('draws the packages and what they use as the check of imports holds it', () => {
    const arrows = [...section('The picture').matchAll(/^ {2}(\w+) --> (\w+)$/gm)].map(([, from, to]) => `${from} ${to}`);
    const own = Object.entries(uses).flatMap(([from, below]) => below.map((to) => `${from} ${to}`));
    // `cli -> insight -> pipeline -> recommend -> core` says that cli may use core
    const reaches = (from: string, to: string): boolean =>
      arrows.includes(`${from} ${to}`) ||
      arrows.some((one) => one.startsWith(`${from} `) && reaches(one.slice(from.length + 1), to));
    expect(arrows.filter((arrow) => !own.includes(arrow))).toEqual([]);
    expect(own.filter((arrow) => !reaches(...(arrow.split(' ') as [string, string])))).toEqual([]);
  });

  test('names every room', () => {
    const rooms = Object.values(floors).flatMap((storeys) => storeys.flat().join('|').replace(/[()]/g, '').split('|'));
    expect(rooms.filter((room) => !room.includes('.') && !page.includes(`\`${room}/\``))).toEqual([]);
  });
});
