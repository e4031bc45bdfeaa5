import { closest, distance } from 'fastest-levenshtein';
import { type Document, isMap, isScalar, isSeq, type LineCounter, type Node } from 'yaml';
import type { z } from 'zod';

/** Path in the config: keys and list positions from the top. */
export type ConfigPath = readonly (string | number)[];

/** Problem of a config. */
export interface Problem {
  path: ConfigPath;
  message: string;
  /** Whether the problem is at the key itself, not at its value. */
  atKey?: boolean;
}

/** Callback that receives each problem of a config. */
export type ReportProblem = (path: ConfigPath, message: string) => void;

/** Position of a problem in the text, from 1. */
export interface TextPosition {
  line: number;
  column: number;
}

/** Formats a path: `campaigns.deposit-upsell.columns[1]`. */
export function pathText(path: ConfigPath): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '');
}

/** Finds the position of a path in the text. If the path does not exist, the position is that of its nearest existing parent. */
export function positionOf(document: Document, lines: LineCounter, path: ConfigPath, atKey: boolean): TextPosition {
  let node: unknown = document.contents;
  let offset = (document.contents as Node | null)?.range?.[0] ?? 0;
  for (const [depth, key] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (!pair) break;
      const last = depth === path.length - 1;
      const found = last && !atKey ? (pair.value ?? pair.key) : pair.key;
      offset = (found as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
      offset = (node as Node | undefined)?.range?.[0] ?? offset;
    } else break;
  }
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

/** Part of a JSON Schema. */
interface JsonNode {
  $ref?: string;
  properties?: Readonly<Record<string, JsonNode>>;
  additionalProperties?: JsonNode | boolean;
  items?: JsonNode;
  anyOf?: readonly JsonNode[];
  $defs?: Readonly<Record<string, JsonNode>>;
}

/** Keys that the schema allows at a path. Empty if any key is allowed. */
function knownKeys(node: JsonNode | boolean | undefined, path: ConfigPath, definitions: JsonNode['$defs']): string[] {
  if (!node || typeof node !== 'object') return [];
  const inner = (of: JsonNode | boolean | undefined, rest = path) => knownKeys(of, rest, definitions);
  const [key, ...rest] = path;
  const others = [...(node.anyOf ?? []), ...(node.$ref === undefined ? [] : [definitions?.[node.$ref.split('/').at(-1)!]])];
  const elsewhere = others.flatMap((one) => inner(one));
  if (key === undefined) return [...Object.keys(node.properties ?? {}), ...elsewhere];
  if (typeof key === 'number') return [...inner(node.items, rest), ...elsewhere];
  return [...inner(node.properties?.[key] ?? node.additionalProperties, rest), ...elsewhere];
}

function suggestion(key: string, known: readonly string[]): string {
  const best = known.length > 0 ? closest(key, known as string[]) : '';
  return best && distance(key, best) <= Math.max(1, Math.floor(key.length / 3)) ? `; did you mean \`${best}\`?` : '';
}

/**
 * Issues of the alternative of a schema (branch of a union) that the value was most likely meant for. It is the alternative with the fewest issues.
 */
function likeliestBranch(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] {
  const cost = (issues: readonly z.core.$ZodIssue[]) =>
    issues.reduce((sum, issue) => sum + (issue.path.length === 0 && issue.code === 'invalid_type' ? 100 : 1), 0);
  return branches.reduce((best, branch) => (cost(branch) < cost(best) ? branch : best));
}

/** Converts zod's issues to problems, in the terms of the config. */
export function problemsOf(issues: readonly z.core.$ZodIssue[], jsonSchema: unknown, parent: ConfigPath = []): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const path = [...parent, ...(issue.path as (string | number)[])];
    switch (issue.code) {
      case 'unrecognized_keys': {
        const known = knownKeys(jsonSchema as JsonNode, path, (jsonSchema as JsonNode | null)?.$defs);
        return issue.keys.map((key) => ({
          path: [...path, key],
          message: `unknown key${suggestion(key, known)}`,
          atKey: true,
        }));
      }
      case 'invalid_union':
        return issue.errors.length > 0 && issue.message === 'Invalid input'
          ? problemsOf(likeliestBranch(issue.errors), jsonSchema, path)
          : [{ path, message: issue.message }];
      case 'invalid_key':
        return issue.issues.map(({ message }) => ({ path, message, atKey: true }));
      case 'invalid_value':
        return [{ path, message: `expected ${issue.values.map((value) => `\`${String(value)}\``).join(' or ')}` }];
      case 'invalid_type':
        return [{ path, message: typeMessage(issue), atKey: issue.input === undefined }];
      default:
        return [{ path, message: issue.message }];
    }
  });
}

function typeMessage(issue: z.core.$ZodIssueInvalidType): string {
  if (issue.input === undefined) return 'required, and missing';
  if (!issue.message.startsWith('Invalid input')) return issue.message;
  const nouns: Record<string, string> = {
    object: 'keys',
    record: 'keys',
    array: 'a list',
    string: 'text',
    boolean: 'true or false',
  };
  return `expected ${nouns[issue.expected] ?? `a ${issue.expected}`}`;
}
