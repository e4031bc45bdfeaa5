import { readFileSync } from 'node:fs';
import { publishedTables } from '@basketwise/data/engine';
import { configJsonSchema } from '@basketwise/pipeline';
import { commandLine } from 'basketwise/run-command';
import { describe, expect, test } from 'vitest';
import { configPage, type SchemaNode } from '../../scripts/reference/config-page.ts';
import { describedFiles } from '../../scripts/reference/files-page.ts';
import { generatedFiles } from '../../scripts/reference/generated.ts';

const schema = configJsonSchema() as SchemaNode;
const wordsIn = (text: string) => text.split(/\s+/).length;

test.each([...generatedFiles()])('%s is that of the code (npm run schema)', (path, text) => {
  expect(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')).toBe(text);
});

/** Nodes of the schema that the page shows as rows or sections, by path. */
function describedNodes(node: SchemaNode, path: string): [string, SchemaNode][] {
  const { properties = {}, additionalProperties: values, items, anyOf = [] } = node;
  return [
    ...Object.entries(properties).flatMap(([key, one]): [string, SchemaNode][] => [
      [`${path}${key}`, one],
      ...describedNodes(one, `${path}${key}.`),
    ]),
    ...(typeof values === 'object' ? describedNodes(values, `${path}*.`) : []),
    ...(items === undefined ? [] : describedNodes(items, path)),
    ...anyOf.flatMap((one) => describedNodes(one, path)),
  ];
}

const definitions = Object.entries(schema.$defs ?? {}).filter(([name]) => !['model', 'base', 'models'].includes(name));
const described = [
  ...describedNodes(schema, ''),
  ...definitions.flatMap(([name, one]): [string, SchemaNode][] => [
    ...(name === 'member' ? [] : ([[name, one]] as [string, SchemaNode][])),
    ...describedNodes(one, `${name}.`).filter(([path]) => path !== `${name}.kind`),
  ]),
];

describe('the reference of the config', () => {
  test('each key and parameter has a description: sentences, of at most 40 words', () => {
    expect(described.length).toBeGreaterThan(250);
    const faulty = described.filter(
      ([, { description = '' }]) => !/^[A-Z0-9`].*\.$/.test(description) || wordsIn(description) > 40,
    );
    expect(faulty.map(([path]) => path)).toEqual([]);
  });

  test('gives defaults and ranges as the schema has them', () => {
    const page = configPage({
      properties: {
        limit: {
          type: 'object',
          description: 'A limit.',
          properties: {
            most: { type: 'integer', minimum: 1, maximum: 2000, default: 5, description: 'Number, see docs/offers.md#variants.' },
            by: { enum: ['a', '|'], description: 'Way.' },
            share: { type: 'number', exclusiveMinimum: 0, maximum: 1, description: 'Share.' },
            of: {
              type: 'object',
              propertyNames: { title: 'name' },
              additionalProperties: { properties: { x: { type: 'boolean' } } },
            },
          },
          required: ['by'],
        },
      },
    });
    expect(page).toContain('| `limit.most` | integer 1 to 2,000 | `5` | Number, see [offers.md](../offers.md#variants). |');
    expect(page).toContain('| `limit.by` | `a`, `\\|` | required | Way. |');
    expect(page).toContain('| `limit.share` | number above 0 to 1 |  | Share. |');
    expect(page).toContain('| `limit.of.NAME.x` | `true`, `false` |  |  |');
  });
});

describe('the reference of commands', () => {
  const program = commandLine();

  test('each command, argument and option has a description', () => {
    const leaves = program.commands.flatMap((one) => (one.commands.length === 0 ? [one] : [...one.commands]));
    const all = leaves.flatMap((command) => [
      [command.name(), command.description()],
      ...command.registeredArguments.map((argument) => [argument.name(), argument.description]),
      ...command.options.map(({ flags, description }) => [flags, description]),
    ]);
    expect(all.length).toBeGreaterThan(100);
    expect(all.filter(([, text]) => !text)).toEqual([]);
  });

  test('each option that reads a date names all of its forms', () => {
    const days = program.commands.flatMap(({ options }) => options.filter(({ flags }) => flags.includes('<date>')));
    expect(days.map(({ long }) => long)).toContain('--as-of');
    for (const { description } of days) expect(description).toMatch(/YYYY-MM-DD, `today`, `yesterday`, or `latest`/);
  });
});

describe('the reference of files', () => {
  const files = describedFiles.flatMap((section) => section.files);

  test('each file and column has a description: a sentence, of at most 40 words', () => {
    const all = files.flatMap(({ file, meaning, columns = [] }) => [
      [file, meaning],
      ...columns.map(([name, , text]) => [`${file} ${name}`, text]),
    ]);
    expect(all.length).toBeGreaterThan(100);
    const faulty = all.filter(([, text = '']) => !/^([A-Z0-9`]|sha256|k of).*\.$/.test(text) || wordsIn(text) > 40);
    expect(faulty.map(([name]) => name)).toEqual([]);
  });

  test('no column that is never null says when it is', () => {
    const columns = Object.values(publishedTables).flatMap((table) => table.columns.filter(({ nullable }) => !nullable));
    expect(columns.length).toBeGreaterThan(10);
    for (const { about } of columns) expect(about).not.toMatch(/\bnull\b/i);
  });
});
