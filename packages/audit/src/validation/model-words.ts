import { kindOf, type ModelSpec } from '@basketwise/core';
import { publishedValue } from '@basketwise/data/base';
import type { ValidationFile } from './validation-file.ts';

type Model = ValidationFile['models'][number];

/** Number of feature effects that the text names; the largest are named. */
const namedEffects = 6;

/** Parts of a model's spec that describe components or feature effects. */
interface SpecParts {
  members?: readonly { model: ModelSpec; weight: number }[];
  features?: readonly { name: string; levels: readonly string[] }[];
  effects?: readonly Readonly<Record<string, number>>[];
}

/**
 * Descriptions of the components of next-purchase models: what each component's score of a product for a customer measures. Customers are those of
 * the training data of the component.
 */
export const componentWords: Readonly<Record<string, string>> = {
  popularity: 'share of customers who hold the product',
  lookup: 'share of its holders among customers with exactly these products',
  'lookup of 1': 'as lookup, with less weight of the popularity',
  'lookup of 100': 'as lookup, with more weight of the popularity',
  ease: 'linear model of products that customers hold together (EASE)',
  als: 'matrix factorization of the holdings of customers (ALS)',
  'lift of held': 'held together with their products more often than by chance',
  'lift of next': 'purchased after their products more often than by chance',
  'up-sell rate': 'purchases by customers who hold products of the bank, per time on sale',
  'up-sell rate by recency': 'the same, by the age of the newest holding',
  'sales rate of 12 months': 'purchases of the last 12 months, per time on sale',
  'sales rate of 3 months': 'purchases of the last 3 months, per time on sale',
  'sales rate of 1 month': 'purchases of the last month, per time on sale',
  'lookup-next': 'next purchases of customers with exactly these products',
  'lookup-next of 3 months': 'the same, of the last 3 months',
};

/** Description of a kind of model, without links. */
function aboutKind(spec: ModelSpec): string {
  return kindOf(spec.kind).about.replaceAll(/ \(docs\/[^)]*\)/g, '');
}

/** Texts on the largest feature effects. An effect is the change of a product's log odds against the other products. */
function effectTexts({ features = [], effects = [] }: SpecParts, nameOf: (code: string) => string): string[] {
  const levels = features.flatMap(({ name, levels }) => levels.map((level) => `${name} ${level}`));
  const all = effects.flatMap((ofLevel, i) =>
    Object.entries(ofLevel).map(([code, value]) => ({ level: levels[i] ?? `level ${i}`, code, value })),
  );
  const largest = all.sort((a, b) => Math.abs(b.value) - Math.abs(a.value) || (a.code < b.code ? -1 : 1)).slice(0, namedEffects);
  return largest
    .filter(({ value }) => value !== 0)
    .map(({ level, code, value }) => {
      const how = value > 0 ? 'more' : 'less';
      return `Customers with ${level} get ${nameOf(code)} ${how} often: ${publishedValue(value)} in log odds.`;
    });
}

/** Sentence on the parameters of a model and of its components; empty without parameters. */
export function settingTexts(model: ModelSpec): string[] {
  const all = [model, ...((model as SpecParts).members ?? []).map(({ model: inner }) => inner)];
  const texts = all.flatMap(({ kind, ...rest }) => {
    const known = Object.entries(rest).filter(([, value]) => typeof value === 'number' || typeof value === 'string');
    return known.length === 0 ? [] : [`${kind} (${known.map(([name, value]) => `${name} ${value}`).join(', ')})`];
  });
  return texts.length === 0 ? [] : [`Parameters: ${[...new Set(texts)].join('; ')}.`];
}

/**
 * Describes a campaign's model in words.
 * @param learned learned weight of each component in this run. Absent: the weights are configured
 * @param nameOf name of a product by its code
 */
export function modelInWords(
  model: ModelSpec,
  learned: Readonly<Record<string, number>> | undefined,
  nameOf: (code: string) => string,
): Pick<Model, 'kind' | 'about' | 'components' | 'effects'> {
  const parts = model as SpecParts;
  const configured = (parts.members ?? []).map(({ model: inner, weight }) => ({ name: inner.kind, weight }));
  const weights = learned ? Object.entries(learned).map(([name, weight]) => ({ name, weight })) : configured;
  return {
    ...{ kind: model.kind, about: aboutKind(model) },
    components: weights.map(({ name, weight }) => ({ name, weight: publishedValue(weight) })),
    effects: effectTexts(parts, nameOf),
  };
}
