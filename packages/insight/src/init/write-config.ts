import { percent } from '@basketwise/data/base';
import { ConfigWriter, type Note, yamlLine } from './config-writer.ts';
import type { FeatureGuess } from './guess.ts';
import { type ConsentGuess, readingCount, readingValue, useOfConsents } from './guess-consents.ts';
import { historyOf } from './made-states.ts';
import type { ClassFacts, Proposal } from './propose.ts';
import { type TableFacts, valueTexts } from './survey.ts';
import { type KeyGuess, writeKeys } from './template.ts';
import { writeContactKeys, writeHoldings } from './write-holdings.ts';
import { consentColumn, type SourceFacts, writeCustomers, writeProducts } from './write-tables.ts';

/** Text of a config for a bank's tables, with its notes. */
export interface WrittenConfig {
  text: string;
  notes: readonly Note[];
}

/** Largest number of classes that get campaigns in the config. */
const mostCampaigns = 6;

/**
 * Writes a config from a proposal.
 * @param from name of the surveyed source
 */
export function writeConfig(proposal: Proposal, source: SourceFacts, from: string): WrittenConfig {
  const out = new ConfigWriter();
  const { referenceDate, others, roles } = proposal;
  out.comment(
    0,
    `basketwise.yaml: written by \`basketwise init\` for the tables in ${from}; docs/reference/config.md describes every key.`,
  );
  out.comment(
    0,
    'After each guess come its evidence and its alternatives. Change what is wrong. `basketwise doctor` names the line of each fault.',
  );
  for (const table of others) out.comment(0, `${table.name} ${unusedWhy(table, proposal)}`);
  out.gap();
  const noDate = 'no column of holdings holds dates: set the day that the tables are of, or give --reference-date';
  writeKeys(out, '', [
    referenceDate
      ? { key: 'reference_date', value: referenceDate.date, why: `${referenceDate.why}; --reference-date overrides it` }
      : { key: 'reference_date', absent: 'YYYY-MM-DD', edit: noDate },
  ]);
  writeSource(out, proposal, source);
  out.section(0, 'tables');
  writeCustomers(out, proposal, source);
  writeProducts(out, proposal, source);
  writeHoldings(out, proposal, source);
  writeContactKeys(out, proposal);
  writeGuards(out, roles.holdings);
  writeRules(out, proposal, source);
  writeFeatures(out, proposal, source);
  writeCampaigns(out, proposal);
  out.gap();
  out.entry(
    0,
    'model',
    { kind: 'automatic' },
    'learned in each run from purchases; `basketwise evaluate` measures it against best sellers',
  );
  out.entry(0, 'top_n', 5);
  out.entry(0, 'output', { dir: './out' });
  return out.finish();
}

/** Reason why the config does not use a table. */
function unusedWhy(table: TableFacts, { survey, roles, consents, contacts }: Proposal): string {
  if (contacts?.table === table) return 'is a log of contacts: see tables.';
  if (consents.some((one) => one.table === table)) return 'has consents: see tables.customers and rules.';
  const to = (one: TableFacts) =>
    survey.links.find((link) => link.from.table === table && link.to.table === one && link.share >= 0.5);
  const link = to(roles.customers.table) ?? to(roles.products.table) ?? to(roles.holdings.table);
  if (link)
    return `is not used: its ${link.from.column.name} has values of ${link.to.table.name}.${link.to.column.name}, so it could be joined (docs/tables.md#dates-and-queries).`;
  return 'fits nothing: none of its columns has the keys of customers, products or holdings. It is not used.';
}

function writeSource(out: ConfigWriter, { holdings, products, since, roles }: Proposal, { keys, encodings }: SourceFacts): void {
  out.gap();
  out.section(0, 'source');
  const dates = [
    holdings.date.column,
    holdings.closed.column,
    products.saleStart.column,
    products.saleEnd.column,
    since,
    historyOf(roles.customers.table)?.date,
  ];
  const moment = dates.find((one) => one?.isMoment);
  const [encoding, ...others] = encodings;
  writeKeys(out, 'source', [
    ...Object.entries(keys).map(([key, value]) => ({ key, value })),
    others.length > 0
      ? {
          ...{ key: 'encoding', absent: encodings.join(' or ') },
          edit: `the letters of the CSV files suit ${encodings.join(' and ')}: set the encoding in which names are right`,
        }
      : {
          ...{ key: 'encoding', value: encoding === 'utf-8' ? undefined : encoding },
          why: 'the CSV files are not in UTF-8; this encoding reads them',
          // UTF-16 has a mark. All other encodings are found by letters.
          check: !/^utf-(8|16)$/.test(encoding ?? 'utf-8') && `${encoding} is found by letters alone: look at those of names`,
        },
    {
      ...{ key: 'time_zone', value: moment && 'UTC' },
      why: `${moment?.name} holds moments, whose day depends on the zone: set the bank's own, such as Europe/Berlin`,
      check: moment && `${moment.name} holds moments: set the bank's own zone`,
    },
  ]);
}

/** Writes the limits of a run's guards, if the present tables already exceed the defaults. */
function writeGuards(out: ConfigWriter, { customer, product }: Proposal['roles']['holdings']): void {
  const limits = [
    { key: 'max_unknown_products', link: product, limit: 0.01 },
    { key: 'max_unknown_customers', link: customer, limit: 0.05 },
  ].flatMap(({ key, link, limit }): KeyGuess[] => {
    if (!link || 1 - link.rows <= limit || link.share < 0.5) return [];
    const unknown = 1 - link.rows;
    const check = `${percent(unknown)} of the rows of ${link.from.table.name} have a ${link.from.column.name} that ${link.to.table.name} lacks`;
    return [{ key, value: Math.min(1, Math.ceil(unknown * 100 + 2) / 100), why: `${check}: find out why`, check }];
  });
  if (limits.length === 0) return;
  out.gap();
  out.section(0, 'guards');
  writeKeys(out, 'guards', limits);
}

function writeRules(out: ConfigWriter, proposal: Proposal, source: SourceFacts): void {
  const { consents, flags, roles } = proposal;
  const { first, further, open, others } = useOfConsents(consents);
  out.gap();
  if (open.length + (first ? 0 : flags.length) > 0) {
    const why = 'runs end with 78 until rules decide who may be contacted, or this is { none: REASON }';
    out.entry(0, 'consent', 'undecided', why);
    out.note('edit', 'consent', 'lists could go to customers who have objected: write rules, or say why none is needed');
  }
  if (first) {
    out.comment(0, 'customers must pass all rules to be addressed; null fails');
    out.section(0, 'rules');
    for (const [i, guess] of [first, ...further].entries()) {
      const { value, why } = ruleOf(guess, guess.readings[0]!, i === 0 ? 'NO_CONSENT' : reasonOf(guess), proposal, source);
      out.item(2, value, why);
      const what = guess.sense === 'says-no' ? 'an objection' : 'the consent';
      out.note('check', `rules[${i}]`, `${guess.table.name}.${guess.column.name} is taken for ${what} to be addressed`);
    }
  } else out.comment(0, 'rules: # no column is surely a consent to be addressed');
  for (const guess of open.slice(0, 4)) writeOpen(out, guess, proposal, source);
  for (const guess of others.slice(0, 4)) {
    const { column, table } = guess;
    out.comment(2, `perhaps also: ${column.name} ${placeOf(guess)}, with the values ${valueTexts(column).join(', ')}`);
    out.note('check', 'rules', `${table.name}.${column.name} may be a consent, and no rule uses it beside that of rules[0]`);
  }
  if (!first) writeFlags(out, { flags, roles });
}

/** Writes, as comments, the possible rules for a column on which a person must decide. */
function writeOpen(out: ConfigWriter, guess: ConsentGuess, proposal: Proposal, source: SourceFacts): void {
  const { column, readings, sense, table } = guess;
  const why =
    readings.length > 1
      ? 'may be a consent or an objection: choose a rule'
      : sense === 'says-no'
        ? 'is an objection of customers: write a rule, such as that no objection is there'
        : readings.length === 1
          ? 'is a consent that no customer has given'
          : `has values that do not say who may be contacted: ${valueTexts(column).join(', ')}`;
  const counts = readings.map((reading) => `${readingValue(reading)}: ${readingCount(reading, guess)}`);
  out.comment(0, `${column.name} ${placeOf(guess)} ${why}`);
  out.note('edit', 'consent', `${table.name}.${column.name} ${why}${counts.length > 1 ? ` (${counts.join(', ')})` : ''}`);
  for (const reading of readings.length > 1 ? readings : []) {
    const { value, why: count } = ruleOf(guess, reading, reasonOf(guess), proposal, source);
    out.comment(0, `  - { reason: ${value.reason}, require: ${JSON.stringify(value.require)} } # ${count}`);
  }
}

const placeOf = ({ join, table }: ConsentGuess) =>
  join ? `in ${table.name}, to be joined in tables.customers.sql,` : 'of the customers table';

/** Rule that only customers with the value of a reading pass. A comment gives their number. */
function ruleOf(
  consent: ConsentGuess,
  reading: ConsentGuess['readings'][number],
  reason: string,
  { roles }: Proposal,
  { sql }: SourceFacts,
) {
  const { table, column } = consent;
  const name = sql.column(consentColumn(consent, roles.customers.table));
  const blank = column.kind === 'text' ? `coalesce(trim(${name}), '') = ''` : `${name} IS NULL`;
  const require = reading.value === null ? blank : `${name} = ${sql.literal(reading.value, column)}`;
  return { value: { reason, require }, why: `${table.name}.${column.name}: ${readingCount(reading, consent)}` };
}

/** Name of the reason for customers who fail a further rule, after the column. */
function reasonOf({ column, sense }: ConsentGuess): string {
  const name = column.name.replaceAll(/[^\p{L}\p{N}]+/gu, '_').toUpperCase();
  return `${sense === 'says-no' ? 'REFUSED' : 'NO'}_${name}`;
}

/** Writes, as comments, the yes-or-no columns that may be the consent. */
function writeFlags(out: ConfigWriter, { flags, roles }: Pick<Proposal, 'flags' | 'roles'>): void {
  for (const { name, values } of flags.slice(0, 4)) {
    out.comment(0, `perhaps: ${name} of the customers table, with the values ${values!.map(({ value }) => value).join(', ')}`);
    out.note(
      'check',
      'rules',
      `${roles.customers.table.name}.${name} may be a consent: it has yes and no, and its name says nothing`,
    );
  }
}

/** Value of a feature's key in the config. */
function featureValue({ column: of, kind, isFixed }: FeatureGuess, table: TableFacts, { sql }: SourceFacts): object {
  const fixed = isFixed ? { fixed: true } : {};
  if (kind === 'birth')
    return {
      sql: `EXTRACT(YEAR FROM :date) - EXTRACT(YEAR FROM ${of.format === undefined ? sql.dayOf(table, of.name) : sql.column(of.name)})`,
      bands: 5,
      ...fixed,
    };
  return { column: of.name, ...(kind === 'number' ? { bands: 5 } : {}), ...fixed };
}

function writeFeatures(out: ConfigWriter, { features, roles, holdings }: Proposal, source: SourceFacts): void {
  if (features.length === 0) return;
  const { table } = roles.customers;
  const history = historyOf(table);
  const isDated = holdings.date.column !== undefined;
  const isUsed = ({ isFixed }: FeatureGuess) => isDated && (isFixed || history !== undefined);
  out.gap();
  out.comment(
    0,
    'columns by which models may rank: fixed ones were the same at every date, others are known at earlier dates from tables.customers.history or earlier runs alone',
  );
  const hasSection = features.some(isUsed);
  if (hasSection) out.section(0, 'features');
  else out.comment(0, 'features:');
  for (const feature of features) {
    const value = featureValue(feature, table, source);
    if (isUsed(feature)) {
      out.entry(2, feature.name, value);
      if (feature.isFixed)
        out.note('check', `features.${feature.name}`, 'models rank by a fact about persons: remove the line if they must not');
    } else
      out.comment(
        hasSection ? 2 : 0,
        `${hasSection ? '' : '  '}${yamlLine(feature.name, value)}${isDated ? ' # changes: ranks as soon as enough runs have saved it' : ''}`,
      );
  }
}

/** Name for a campaign, of letters, digits and dashes. No other campaign has it. */
function uniqueCampaign(kind: string, name: string, taken: Set<string>): string {
  const base = `${
    name
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 60) || 'class'
  }-${kind}`;
  let unique = base;
  for (let i = 2; taken.has(unique); i++) unique = `${base}-${i}`;
  taken.add(unique);
  return unique;
}

function writeCampaigns(out: ConfigWriter, { classes, roles }: Proposal): void {
  const names = new Set<string>();
  const held = classes.filter(({ holdings }) => holdings > 0 || roles.holdings.product === undefined);
  const columns = held.slice(0, 12).map(({ name }) => name);
  const used = held.filter(({ onSale }) => onSale > 0).slice(0, mostCampaigns);
  out.gap();
  out.comment(0, 'up-sell to holders of a product of the class, cross-sell to customers without one');
  out.section(0, 'campaigns');
  for (const of of used) {
    const facts = `${of.onSale} of ${of.products} products on sale, ${of.holdings} holdings`;
    const upsell = [uniqueCampaign('upsell', of.name, names), { kind: 'upsell', class: of.name }] as const;
    if (of.onSale > 1) out.entry(2, ...upsell, facts);
    else out.comment(2, `${yamlLine(...upsell)} # only one product is on sale, and its holders have it`);
    const list = columns.length > 1 ? { columns: columns.includes(of.name) ? columns : [...columns, of.name] } : {};
    const cross = [uniqueCampaign('cross', of.name, names), { kind: 'cross', class: of.name, ...list }] as const;
    if (classes.length > 1) out.entry(2, ...cross);
    else out.comment(2, `${yamlLine(...cross)} # all products are of one class: customers without it hold nothing`);
  }
  for (const of of classes.filter((one) => !used.includes(one)).slice(0, 20))
    out.comment(2, `no campaign of ${of.name}: ${whyNoCampaign(of)}`);
}

function whyNoCampaign({ onSale, holdings }: ClassFacts): string {
  if (onSale === 0) return 'none of its products is on sale';
  return holdings === 0 ? 'no customer holds a product of it' : `${holdings} holdings, fewer than of the classes above`;
}
