import type { SnapshotManifest } from '@basketwise/data';
import { unnamedClasses } from '../config/named-classes.ts';
import type { Config } from '../config/schema.ts';

/** Warnings about unusual facts in a bank's products. */
export function mentions({ products, rules }: SnapshotManifest, config: Config): string[] {
  return [
    ...unnamedText(products.classes, config),
    ...namesakeText(products.namesakes ?? [], config),
    ...closedText(rules, config),
  ];
}

/** Warning about classes without a campaign. Their names are values of the data, and are not quoted. */
function unnamedText(classes: Readonly<Record<string, number>>, config: Config): string[] {
  const unnamed = unnamedClasses(config, Object.keys(classes));
  if (unnamed.length === 0) return [];
  const products = unnamed.reduce((sum, name) => sum + classes[name]!, 0);
  const many = unnamed.length === 1 ? '1 class of products is' : `${unnamed.length} classes of products are`;
  return [`${many} named by no campaign: ${products} products can be in no list (\`basketwise profile\` lists them)`];
}

function namesakeText(codes: readonly string[], { tables }: Config): string[] {
  if (codes.length === 0) return [];
  return [
    `tables.products: some have the name of another (${codes.join(', ')}) and count as products of their own; if they are one, set \`group: ${tables.products.name}\``,
  ];
}

/** Warning about rules that no customer passes. */
function closedText(rules: SnapshotManifest['rules'], { campaigns }: Config): string[] {
  return rules
    .filter(
      ({ eligible, class: of }) => eligible === 0 && (of === null || Object.values(campaigns).some((one) => one.class === of)),
    )
    .map(
      ({ reason, class: of, products }) =>
        `rules: ${reason} excludes all customers: ${products ? `none of ${products.join(', ')}` : of === null ? 'no product' : `no product of ${of}`} can be in any list`,
    );
}
