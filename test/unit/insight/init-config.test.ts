import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '@basketwise/pipeline';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { ConfigWriter } from '../../../packages/insight/src/init/config-writer.ts';
import { surveyBank } from '../../../packages/insight/src/init/init.ts';
import { clientBank, type Tables } from '../../e2e/cli/strange-banks.ts';

/** Characters that could end a line, a value or a comment, in names of a bank. */
const pieces = [
  ...[
    '\n',
    '\r',
    '\r\n',
    '\t',
    '\0',
    '\u0085',
    '\u2028',
    '\u2029',
    '\ufeff',
    '\u001b[2J',
    '\u202e',
    '#',
    ' #',
    ': ',
    '- ',
    '---\n',
    '...\n',
  ],
  ...[
    '"',
    "'",
    '`',
    '{',
    '}',
    '[',
    ']',
    ',',
    '&a',
    '*a',
    '!t',
    '|',
    '>',
    '%',
    '@',
    '?',
    '~',
    'null',
    '1',
    'no',
    '<<',
    ' ',
    '예금',
    '고객번호',
    'é',
  ],
  ...['log: {file: evil.log}', 'x'.repeat(200)],
];
const hostile = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 8 }).map((all) => all.join(''));
const key = hostile.filter((text) => text !== '__proto__');

test('names, values and comments of any kind are read back as they were written, and no comment becomes a key', () => {
  const indent = fc.constantFrom(0, 2, 4);
  const comments = fc.array(fc.tuple(indent, hostile), { maxLength: 3 });
  fc.assert(
    fc.property(
      fc.uniqueArray(key, { minLength: 4, maxLength: 4 }),
      fc.array(hostile, { minLength: 6, maxLength: 6 }),
      comments,
      (keys, values, said) => {
        const out = new ConfigWriter();
        const comment = () => {
          for (const [at, text] of said) out.comment(at, text);
        };
        comment();
        out.gap();
        out.entry(0, keys[0]!, values[0], values[1]);
        comment();
        out.section(0, keys[1]!);
        out.entry(2, keys[0]!, { [keys[2]!]: values[2], all: values }, values[3]);
        comment();
        out.block(2, keys[1]!, values[4]!);
        comment();
        out.gap();
        out.section(0, keys[2]!);
        out.item(2, { reason: values[5] }, values[0]);
        out.note('check', keys[3]!, '');
        comment();
        expect(parse(out.finish().text)).toEqual({
          [keys[0]!]: values[0],
          [keys[1]!]: { [keys[0]!]: { [keys[2]!]: values[2], all: values }, [keys[1]!]: `${values[4]}\n` },
          [keys[2]!]: [{ reason: values[5] }],
        });
      },
    ),
    {
      examples: [
        [['\n', '- ', '---\n', '&a'], ['\n', '\n', '\n', '?\n@', '\n', '\n'], []],
        [['\n', '*a', '~', '예금'], ['\n', '\n', '\n', `${'x'.repeat(160)}\n \n`, '\n', '\n'], []],
      ],
    },
  );
});

test('notes name the line of their key, or of the comment in its place', () => {
  const out = new ConfigWriter();
  out.comment(0, 'a config');
  out.gap();
  out.comment(0, 'reference_date: YYYY-MM-DD');
  out.note('edit', 'reference_date', '');
  out.gap();
  out.section(0, 'tables');
  out.section(2, 'holdings');
  out.comment(4, 'product: a | b');
  out.note('edit', 'tables.holdings.product', '');
  out.entry(4, 'customer', 'x', 'y');
  out.note('check', 'tables.holdings.customer', '');
  out.section(0, 'rules');
  out.item(2, { reason: 'A' });
  out.note('check', 'rules[0]', '');
  const { text, notes } = out.finish();
  const lines = text.split('\n');
  expect(lines.slice(0, 4)).toEqual(['# a config', '', '# reference_date: YYYY-MM-DD', '']);
  expect(notes.map(({ line }) => lines[line - 1])).toEqual([
    '# reference_date: YYYY-MM-DD',
    '    # product: a | b',
    '    customer: x # y',
    '  - { reason: A }',
  ]);
});

function folderOf(tables: Tables): string {
  const folder = mkdtempSync(join(tmpdir(), 'basketwise-init-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'data'));
  const cell = (value: unknown) => (value === null ? '' : `"${String(value).replaceAll('"', '""')}"`);
  for (const [name, rows] of Object.entries(tables))
    writeFileSync(join(folder, 'data', name), rows.map((row) => row.map(cell).join(',')).join('\n'));
  return folder;
}

test('no file, column or class of a bank writes a key into its config', async () => {
  const evil = '\nlog: {file: evil.log}\n#';
  const { 'fx_rates.csv': rates, 'catalogue.csv': catalogue, ...others } = clientBank(120);
  const classes = catalogue!.map((row) =>
    row.map((cell) => (cell === 'Savings' ? `Savings${evil}` : cell === 'family' ? `family${evil}` : cell)),
  );
  const folder = folderOf({ ...others, [`catalogue${evil}.csv`]: classes, [`notes${evil}.csv`]: rates! });
  const bank = await surveyBank(join(folder, 'data'));
  try {
    const { text } = await bank.configFor(join(folder, 'basketwise.yaml'));
    const { config } = parseConfig(text, 'basketwise.yaml');
    expect(config.log.file).toBeNull();
    expect(Object.keys(parse(text)).sort()).toEqual(
      ['campaigns', 'features', 'model', 'output', 'reference_date', 'rules', 'source', 'tables', 'top_n'].sort(),
    );
    expect(config.tables.products.class).toBe(`family${evil}`);
    expect(config.tables.products.from).toBe(`catalogue${evil}.csv`);
    expect(Object.values(config.campaigns).map((one) => one.class)).toContain(`Savings${evil}`);
  } finally {
    await bank.close();
  }
});
