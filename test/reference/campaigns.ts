import { required } from '@basketwise/core';
/** A bank as plain rows, dates as YYYY-MM-DD or null. */
export interface PlainBank {
  referenceDate: string;
  /** `fails`: reasons of the rules that the customer does not satisfy, by class ('' for every class), in rule order. */
  customers: readonly { id: string; fails: readonly { reason: string; class: string }[] }[];
  products: readonly { code: string; name: string; class: string; saleEnd: string | null }[];
  holdings: readonly { customer: string; product: string; opened: string | null; closed: string | null }[];
}

/** Rows that a target customer of a campaign must get. */
export interface Expected {
  /** Why they get nothing, or null. */
  reason: string | null;
  /** Codes of which their list consists, without those they hold. */
  allowed: ReadonlySet<string>;
  /** They hold nothing in the campaign's columns. */
  isEmpty: boolean;
}

/** The obvious way to say who is a target of a campaign and what may be recommended to them. */
export function expectedOf(
  bank: PlainBank,
  campaign: { kind: 'upsell' | 'cross'; class: string; columns: readonly string[] },
): Map<string, Expected> {
  const { referenceDate: today } = bank;
  const held = new Map<string, Set<string>>();
  const known = new Map(bank.products.map((product) => [product.name, product]));
  for (const { customer, product, opened, closed } of bank.holdings) {
    if (!known.has(product) || (opened !== null && opened > today) || (closed !== null && closed <= today)) continue;
    held.set(customer, (held.get(customer) ?? new Set()).add(product));
  }
  const sold = bank.products.filter((product) => product.saleEnd === null || product.saleEnd >= today);
  const expected = new Map<string, Expected>();
  for (const { id, fails } of bank.customers) {
    const names = [...(held.get(id) ?? [])];
    const isHolder = names.some((name) => required(known, name).class === campaign.class);
    if (isHolder !== (campaign.kind === 'upsell')) continue;
    const codes = new Map<string, string>();
    for (const { code, name, class: kind } of [...sold].sort((a, b) => (a.code < b.code ? -1 : 1))) {
      if (kind === campaign.class && !names.includes(name) && !codes.has(name)) codes.set(name, code);
    }
    const failed = fails.find((rule) => rule.class === '' || rule.class === campaign.class);
    expected.set(id, {
      reason: failed?.reason ?? (codes.size === 0 ? 'NO_PRODUCT_LEFT' : null),
      allowed: new Set(codes.values()),
      isEmpty: !names.some((name) => campaign.columns.includes(required(known, name).class)),
    });
  }
  return expected;
}
