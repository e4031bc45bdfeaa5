import { replacedCampaign } from '@basketwise/core';
import { isPushdown } from '../drivers/drivers.ts';
import { calibrates } from './campaign-plan.ts';
import type { ConfigPath, ReportProblem } from './problems.ts';
import type { CapacityConfig, Config, OffersConfig } from './schema.ts';

/** Reports faults of a config's offers, and contradictions between offers and other keys. */
export function checkOffers(config: Config, report: ReportProblem): void {
  const { offers, tables } = config;
  if (tables.contacts) {
    const ways = [tables.contacts.from, tables.contacts.sql].filter((way) => way !== undefined).length;
    if (ways !== 1)
      report(['tables', 'contacts'], `expected one of \`from\` and \`sql\`, found ${ways === 0 ? 'neither' : 'both'}`);
    if (!offers) report(['tables', 'contacts'], 'contacts are only used with `offers`: remove them, or add `offers`');
  }
  if (!offers) return;
  checkProbabilities(config, report);
  checkContactRules(config, offers, report);
  for (const [campaign, { per_customer: most }] of Object.entries(offers.campaigns)) {
    const path = ['offers', 'campaigns', campaign];
    checkCampaign(config, campaign, path, report);
    if (most > offers.per_customer)
      report([...path, 'per_customer'], `is above offers.per_customer, ${offers.per_customer}: no customer would get as many`);
  }
  for (const [name, capacity] of Object.entries(offers.capacity))
    checkCapacity(config, capacity, ['offers', 'capacity', name], report);
  checkCapacities(offers.capacity, offers, ['offers', 'capacity'], report);
  checkExperiment(config, offers, report);
  for (const [i, { products, campaigns }] of offers.never_together.entries()) {
    const path = ['offers', 'never_together', i];
    if (products.length + campaigns.length === 0) report(path, 'expected `products` or `campaigns`');
    for (const [at, campaign] of campaigns.entries()) checkCampaign(config, campaign, [...path, 'campaigns', at], report);
  }
}

/** Checks the keys of an experiment: the campaigns that its variant replaces, and the variant's limits and capacities. */
function checkExperiment(config: Config, offers: OffersConfig, report: ReportProblem): void {
  const { experiment, control } = offers;
  if (!experiment) return;
  const path = ['offers', 'experiment'];
  const { instead, value, per_customer: most, capacity } = experiment;
  const pairs = Object.entries(instead);
  if (pairs.length === 0 && value === undefined && most === undefined && capacity === undefined)
    report(path, 'changes nothing: name `instead`, `value`, `per_customer` or `capacity`');
  if (experiment.salt === control?.salt)
    report([...path, 'salt'], 'is that of the control, so one variant would have the whole control: choose another');
  for (const [campaign, other] of pairs) {
    checkCampaign(config, campaign, [...path, 'instead', campaign], report);
    checkCampaign(config, other, [...path, 'instead', campaign], report);
    if (Object.hasOwn(instead, other) || pairs.some(([one, same]) => same === other && one !== campaign))
      report([...path, 'instead', campaign], `\`${other}\` replaces one campaign, so it cannot replace or be replaced again`);
  }
  const few = Object.entries(offers.campaigns).find(([, own]) => own.per_customer > (most ?? offers.per_customer));
  if (few) report([...path, 'per_customer'], `is below offers.campaigns.${few[0]}.per_customer, ${few[1].per_customer}`);
  for (const [name, one] of Object.entries(capacity ?? {})) checkCapacity(config, one, [...path, 'capacity', name], report);
  if (capacity) checkCapacities(capacity, offers, [...path, 'capacity'], report);
}

function checkProbabilities(config: Config, report: ReportProblem): void {
  if (isPushdown(config))
    report(
      ['offers'],
      'customers stay on the server with pushdown, where nothing is offered: leave it out, or run without pushdown',
    );
  else if (!calibrates(config)) report(['offers'], 'the value of an offer is value x probability: remove `calibrate: false`');
  else if (config.tables.holdings.date === null && config.offers?.rate === undefined)
    report(
      ['offers'],
      'the value of an offer is value x probability of a purchase, and without tables.holdings.date `probability` is that of the next product: name the date, or `offers.rate`, the purchases per customer and window',
    );
  else if (config.tables.holdings.date !== null && config.offers?.rate !== undefined)
    report(['offers', 'rate'], 'the dates of holdings give the probability of a purchase: remove `rate`');
}

function checkContactRules({ tables }: Config, { contacts }: OffersConfig, report: ReportProblem): void {
  const isAsked = Object.keys(contacts.rest).length > 0 || contacts.at_most !== undefined;
  if (isAsked && !tables.contacts) report(['offers', 'contacts'], 'rest needs to know of earlier contacts: name tables.contacts');
  for (const kind of ['refusal', 'purchase'] as const) {
    if (contacts.rest[kind] === undefined || contacts.answers[kind].length > 0) continue;
    report(['offers', 'contacts', 'rest', kind], `no answer has this meaning: name some under answers.${kind}`);
  }
  if (Object.values(contacts.answers).some((some) => some.length > 0) && tables.contacts && !tables.contacts.answer)
    report(['offers', 'contacts', 'answers'], 'contacts have no column of answers: name tables.contacts.answer');
  const twice = contacts.answers.refusal.find((answer) => contacts.answers.purchase.includes(answer));
  if (twice !== undefined) report(['offers', 'contacts', 'answers', 'purchase'], `\`${twice}\` means a refusal already`);
}

function checkCampaign({ campaigns }: Config, campaign: string, path: ConfigPath, report: ReportProblem): void {
  if (campaigns[campaign]) return;
  report(
    path,
    `no campaign \`${campaign}\`; there are ${Object.keys(campaigns)
      .map((one) => `\`${one}\``)
      .join(', ')}`,
  );
}

function checkCapacity(config: Config, capacity: CapacityConfig, path: ConfigPath, report: ReportProblem): void {
  const { most, least = 0, campaigns = [], segment = {}, cluster = {} } = capacity;
  if (most === undefined && capacity.least === undefined) report(path, 'expected `most` or `least`');
  if (most !== undefined && least > most) report([...path, 'least'], `is above \`most\`, ${most}: no number of offers is both`);
  for (const [i, campaign] of campaigns.entries()) checkCampaign(config, campaign, [...path, 'campaigns', i], report);
  for (const [name, labels] of Object.entries(segment)) {
    const known = config.segments[name];
    if (!known) report([...path, 'segment', name], 'no segment of this name');
    else if ('bands' in known) {
      const texts = known.bands.map(({ label }) => label);
      const other = asList(labels).find((label) => !texts.includes(label));
      if (other !== undefined)
        report([...path, 'segment', name], `no band \`${other}\`; there are ${texts.map((one) => `\`${one}\``).join(', ')}`);
    }
  }
  for (const name of Object.keys(cluster))
    if (!config.clusters[name]) report([...path, 'cluster', name], 'no cluster scheme of this name');
}

/** Wraps a single value in a list. */
function asList<T extends string | number>(values: T | readonly T[]): readonly T[] {
  return Array.isArray(values) ? (values as readonly T[]) : [values as T];
}

/** Reports capacities that contradict each other. Only contradictions that the config alone shows are found. */
function checkCapacities(
  capacities: OffersConfig['capacity'],
  { experiment }: OffersConfig,
  path: ConfigPath,
  report: ReportProblem,
): void {
  const countedAs = replacedCampaign(experiment?.instead);
  const counted = Object.entries(capacities).map(([name, capacity]): [string, CapacityConfig] => {
    return [name, { ...capacity, campaigns: capacity.campaigns?.map(countedAs) }];
  });
  checkContradictions(counted, path, report);
  checkRoom(counted, path, report);
}

/**
 * Reports each maximum that is below a sum of minimums. All offers of these minimums count towards the maximum, and no offer
 * counts towards two of them.
 */
function checkContradictions(all: readonly [string, CapacityConfig][], path: ConfigPath, report: ReportProblem): void {
  for (const [name, wide] of all) {
    if (wide.most === undefined) continue;
    const inside = all.filter(([other, one]) => other !== name && (one.least ?? 0) > 0 && isPartOf(one, wide));
    let sum = 0;
    const apart: (typeof inside)[number][] = [];
    for (const one of inside.toSorted((a, b) => (b[1].least ?? 0) - (a[1].least ?? 0))) {
      if (!apart.every((other) => isApart(one[1], other[1]))) continue;
      apart.push(one);
      sum += one[1].least ?? 0;
    }
    if (sum <= wide.most) continue;
    const names = apart.map(([other]) => `\`${other}\``).join(', ');
    report([...path, name, 'most'], `is ${wide.most}, and ${names} must have ${sum} of them: they contradict each other`);
  }
}

/**
 * Reports each minimum above the sum of the maximums that limit its offers. Example: `least: 10` for products A and B, with
 * `most: 4` for A and `most: 4` for B.
 */
function checkRoom(all: readonly [string, CapacityConfig][], path: ConfigPath, report: ReportProblem): void {
  const limits = all.filter(([, { most }]) => most !== undefined);
  for (const [name, one] of all) {
    const least = one.least ?? 0;
    for (const [key, values] of least > 0 ? namedBy(one) : []) {
      const parts = values.map((value) => {
        const wide = limits.filter(([other, limit]) => other !== name && isPartOf(one, limit, { key, value }));
        return wide.sort(([, a], [, b]) => a.most! - b.most!)[0];
      });
      if (values.length === 1 || parts.some((part) => part === undefined)) continue;
      const apart = new Map(parts.map((part) => part!));
      const room = [...apart.values()].reduce((sum, { most }) => sum + most!, 0);
      if (room >= least) continue;
      const names = [...apart.keys()].map((other) => `\`${other}\``).join(', ');
      report([...path, name, 'least'], `is ${least}, and ${names} leave room for ${room} of them: they contradict each other`);
      break;
    }
  }
}

const scopes = ['products', 'classes', 'campaigns'] as const;

/** Values that a capacity names, by key. An offer counts if, for each key, it has one of the values. */
function namedBy(one: CapacityConfig): Map<string, readonly (string | number)[]> {
  const named = new Map<string, readonly (string | number)[]>();
  for (const scope of scopes) if (one[scope]) named.set(scope, one[scope]);
  for (const [name, labels] of Object.entries(one.segment ?? {})) named.set(`segment ${name}`, asList(labels));
  for (const [name, numbers] of Object.entries(one.cluster ?? {})) named.set(`cluster ${name}`, asList(numbers));
  return named;
}

/** Whether `other` counts all offers that `one` counts. With `of`, only the offers of `one` with this value are compared. */
function isPartOf(one: CapacityConfig, other: CapacityConfig, of?: { key: string; value: string | number }): boolean {
  const mine = namedBy(one);
  if (of) mine.set(of.key, [of.value]);
  return [...namedBy(other)].every(([key, values]) => mine.get(key)?.every((value) => values.includes(value)) ?? false);
}

/** Whether two capacities have no offer in common. */
function isApart(one: CapacityConfig, other: CapacityConfig): boolean {
  const theirs = namedBy(other);
  return [...namedBy(one)].some(([key, values]) => {
    const others = theirs.get(key);
    return others !== undefined && !values.some((value) => others.includes(value));
  });
}
