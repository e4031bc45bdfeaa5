import type { Parameter } from '@basketwise/core/kinds';
import { z } from 'zod';
import { namedKind, namedKinds } from './named-kinds.ts';
import { kindsAt, memberParameters, valueSchema } from './schema-model.ts';

type JsonSchema = Record<string, unknown>;

const reference = (name: string): JsonSchema => ({ $ref: `#/$defs/${name}` });
const closed = (name: string, others = {}): JsonSchema => ({ ...reference(name), ...others, unevaluatedProperties: false });
const arrayOf = (items: JsonSchema): JsonSchema => ({ type: 'array', minItems: 1, items });
const anyOf = (kinds: readonly string[]): JsonSchema => ({ type: 'object', anyOf: kinds.map(reference) });

function valueJson(parameter: Parameter): JsonSchema {
  const description = parameter.about === undefined ? {} : { description: parameter.about };
  if (parameter.is === 'members') return { ...arrayOf(closed('member')), ...description };
  const { $schema: _, ...schema } = parameter.is === 'base' ? closed('base') : z.toJSONSchema(valueSchema(parameter));
  return { ...schema, ...(parameter.usual === undefined ? {} : { default: parameter.usual }), ...description };
}

/** JSON Schema definitions of each kind of model, and of each position where a config can have a model. */
export function modelDefinitions(): Record<string, JsonSchema> {
  const kinds = namedKinds.map(({ kind, about, parameters }): [string, JsonSchema] => {
    const own = [...parameters].map(([name, parameter]) => [name, valueJson(parameter)]);
    return [kind, { description: about, properties: { kind: { const: kind }, ...Object.fromEntries(own) } }];
  });
  const member = Object.fromEntries(Object.entries(memberParameters).map(([name, parameter]) => [name, valueJson(parameter)]));
  return {
    model: anyOf(kindsAt.anyKind),
    base: { ...anyOf(kindsAt.baseKinds), required: ['kind'] },
    member: { ...anyOf(kindsAt.memberKinds), properties: member, required: ['kind', 'weight'] },
    models: templates(),
    ...Object.fromEntries(kinds),
  };
}

/** JSON Schema of a model for `tune`, in which each parameter is a value or a list of values. */
function templates(): JsonSchema {
  const kinds = kindsAt.anyKind.slice(1);
  const places = new Map<string, Map<string, JsonSchema>>();
  for (const kind of kinds) {
    for (const [name, parameter] of namedKind(kind).parameters) {
      const { default: _, description: __, ...values } = valueJson(parameter);
      const found = places.get(name) ?? new Map<string, JsonSchema>();
      const key = JSON.stringify(values);
      if (!found.has(key)) found.set(key, reference(`${kind}/properties/${name}`));
      places.set(name, found);
    }
  }
  const tried = (value: JsonSchema): JsonSchema => ({ anyOf: [value, arrayOf(value)] });
  const weight = { weight: tried(reference('member/properties/weight')), scale: tried(reference('member/properties/scale')) };
  const inner = { base: closed('models'), members: arrayOf(closed('models', { properties: weight, required: ['weight'] })) };
  const own = [...places].map(([name, found]) => {
    const values = [...found.values()];
    return [name, tried(values.length === 1 ? values[0]! : { anyOf: values })];
  });
  return { type: 'object', properties: { kind: { enum: kinds }, ...Object.fromEntries(own), ...inner }, required: ['kind'] };
}
