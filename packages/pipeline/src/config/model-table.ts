import { z } from 'zod';
import { automatic } from '../models/automatic.ts';
import type { AnyKind } from '../models/kind.ts';
import { kinds } from '../models/kinds.ts';

const code = (text: string) => `\`${text}\``;

/** A value for people: thousands are grouped. */
function valueText(value: unknown): string {
  return typeof value === 'number' && value >= 1000 ? String(value).replace(/\B(?=(\d{3})+$)/g, ',') : String(value);
}

/** The other values that a parameter may have, where they are named. */
function choices(schema: z.ZodType, chosen: unknown): string {
  const others = schema instanceof z.ZodEnum ? schema.options.filter((option) => option !== chosen) : [];
  return others.length > 0 ? ` (${others.map((option) => code(String(option))).join(', ')})` : '';
}

type Described = Pick<AnyKind, 'parameters' | 'defaults' | 'base' | 'members'>;

function parameterTexts({ parameters, defaults, base, members }: Described): string[] {
  const own = Object.entries(parameters).map(([name, schema]) => {
    const value = defaults[name];
    return `${code(name)}${value === undefined ? '' : ` ${valueText(value)}`}${choices(schema, value)}`;
  });
  const { kind, ...others } = base ?? {};
  const on = [kind, ...Object.entries(others).map(([name, value]) => `${name} ${String(value)}`)].join(' ');
  return [
    ...own,
    ...(base ? [`${code('base')} ${on}`] : []),
    ...(members
      ? [`${code('members')}: models with ${code('weight')} and ${code('scale')} (${code('raw')}, ${code('log')})`]
      : []),
  ];
}

/** The kinds of models with their parameters and defaults, as the Markdown table of docs/config.md. */
export function modelTable(): string {
  const lines = [...kinds, automatic].map((kind) => [code(kind.kind), parameterTexts(kind).join(', '), kind.about]);
  const rows = [['`kind`', 'parameters and their defaults', 'what it is'], ...lines];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |\n`;
  return line(rows[0]!) + line(widths.map((width) => '-'.repeat(width))) + rows.slice(1).map(line).join('');
}
