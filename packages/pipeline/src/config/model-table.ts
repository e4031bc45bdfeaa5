import type { Parameter } from '@basketwise/core/kinds';
import { type NamedKind, namedKinds } from './named-kinds.ts';

const code = (text: string) => `\`${text}\``;

/** A value for people: thousands are grouped. */
function valueText(value: unknown): string {
  return typeof value === 'number' && value >= 1000 ? String(value).replace(/\B(?=(\d{3})+$)/g, ',') : String(value);
}

/** A parameter with its usual value, and the others where they are named. */
function parameterText(name: string, parameter: Parameter): string {
  if (parameter.is === 'members')
    return `${code('members')}: models with ${code('weight')} and ${code('scale')} (${code('raw')}, ${code('log')})`;
  if (parameter.is === 'base') {
    const { kind, ...others } = parameter.usual;
    return [code(name), kind, ...Object.entries(others).map(([key, value]) => `${key} ${String(value)}`)].join(' ');
  }
  const { usual } = parameter;
  const others = parameter.is === 'one of' ? parameter.of.filter((word) => word !== usual) : [];
  const choices = others.length > 0 ? ` (${others.map(code).join(', ')})` : '';
  return `${code(name)}${usual === undefined ? '' : ` ${valueText(usual)}`}${choices}`;
}

function kindCells({ kind, about, parameters }: NamedKind): string[] {
  return [code(kind), [...parameters].map(([name, parameter]) => parameterText(name, parameter)).join(', '), about];
}

/** The kinds of models with their parameters and defaults, as the Markdown table of docs/config.md. */
export function modelTable(): string {
  const rows = [['`kind`', 'parameters and their defaults', 'what it is'], ...namedKinds.map(kindCells)];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |\n`;
  return line(rows[0]!) + line(widths.map((width) => '-'.repeat(width))) + rows.slice(1).map(line).join('');
}
