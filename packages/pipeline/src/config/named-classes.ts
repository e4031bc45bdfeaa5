import type { Config } from './schema.ts';

/**
 * Product classes that the config names. The products table can have further classes, which messages and reports never quote. If
 * the config names a wrong column as `class`, its values must not appear there.
 */
export function namedClasses({ campaigns, rules }: Pick<Config, 'campaigns' | 'rules'>): ReadonlySet<string> {
  const ofCampaigns = Object.values(campaigns).flatMap(({ class: of, columns = [] }) => [of, ...columns]);
  return new Set([...ofCampaigns, ...rules.flatMap(({ class: of }) => of ?? [])]);
}

/** Classes of the products table that no campaign recommends, sorted. */
export function unnamedClasses({ campaigns }: Pick<Config, 'campaigns'>, classes: readonly string[]): string[] {
  const recommended = new Set(Object.values(campaigns).map(({ class: of }) => of));
  return classes.filter((name) => !recommended.has(name)).sort();
}
