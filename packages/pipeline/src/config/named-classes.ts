import type { Config } from './schema.ts';

/**
 * Classes of products that the config names. Other classes in the products table are values of the data.
 * No message or report may quote these: the config may name the wrong column as that of classes.
 */
export function namedClasses({ campaigns, rules }: Pick<Config, 'campaigns' | 'rules'>): ReadonlySet<string> {
  const ofCampaigns = Object.values(campaigns).flatMap(({ class: of, columns = [] }) => [of, ...columns]);
  return new Set([...ofCampaigns, ...rules.flatMap(({ class: of }) => of ?? [])]);
}

/** Classes of a bank that no campaign recommends. */
export function unnamedClasses({ campaigns }: Pick<Config, 'campaigns'>, classes: readonly string[]): string[] {
  const recommended = new Set(Object.values(campaigns).map(({ class: of }) => of));
  return classes.filter((name) => !recommended.has(name)).sort();
}
