import { readFileSync } from 'node:fs';
import { commandLine } from 'basketwise/run-command';
import { describe, expect, test } from 'vitest';
import { configPage } from '../../scripts/reference/config-page.ts';
import { generatedFiles } from '../../scripts/reference/generated.ts';

test.each([...generatedFiles()])('%s is that of the code (npm run schema)', (path, text) => {
  expect(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')).toBe(text);
});

describe('the reference of the config', () => {
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
  test('each command, argument and option has a description', () => {
    const leaves = commandLine().commands.flatMap((one) => (one.commands.length === 0 ? [one] : [...one.commands]));
    const all = leaves.flatMap((command) => [
      [command.name(), command.description()],
      ...command.registeredArguments.map((argument) => [argument.name(), argument.description]),
      ...command.options.map(({ flags, description }) => [flags, description]),
    ]);
    expect(all.length).toBeGreaterThan(100);
    expect(all.filter(([, text]) => !text)).toEqual([]);
  });
});
