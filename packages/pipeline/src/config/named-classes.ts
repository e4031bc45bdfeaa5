import type { Config } from './schema.ts';

/**
 * Product classes that the config names. The products table can have further classes. Messages and reports never quote further
 * classes, because the config may name a wrong column as `class`.
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
