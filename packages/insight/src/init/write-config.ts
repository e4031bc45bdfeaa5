import { percent } from '@basketwise/data/published';
import { ConfigWriter, type Note, yamlLine } from './config-writer.ts';
import type { ConsentGuess, FeatureGuess } from './guess-customers.ts';
import type { Link } from './links.ts';
import type { ClassFacts, Proposal } from './propose.ts';
import type { Roles } from './roles.ts';
import type { TableFacts } from './survey.ts';
import { writeContactKeys, writeHoldings } from './write-holdings.ts';
import { consentColumn, type SourceFacts, usedConsent, usedRefusals, writeCustomers, writeProducts } from './write-tables.ts';

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
  writeReferenceDate(out, referenceDate);
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

function writeReferenceDate(out: ConfigWriter, found: Proposal['referenceDate']): void {
  if (found) {
    out.entry(0, 'reference_date', found.date, `${found.why}; --reference-date overrides it`);
    return;
  }
  out.comment(0, 'reference_date: YYYY-MM-DD');
  out.note(
    'edit',
    'reference_date',
    'no column of holdings holds dates: set the day that the tables are of, or give --reference-date',
  );
}

/** Reason why the config does not use a table. */
function unusedWhy(table: TableFacts, { survey, roles, consents, contacts }: Proposal): string {
  if (contacts?.table === table) return 'is a log of contacts: see tables.';
  if (consents.some((one) => one.table === table)) return 'has consents: see tables.customers and rules.';
  const to = (one: TableFacts) =>
    survey.links.find((link) => link.from.table === table && link.to.table === one && link.share >= 0.5);
  const link = to(roles.customers.table) ?? to(roles.products.table) ?? to(roles.holdings.table);
  if (link)
    return `is not used: its ${link.from.column.name} has values of ${link.to.table.name}.${link.to.column.name}, so it could be joined (docs/config.md, Dates and queries).`;
  return 'fits nothing: none of its columns has the keys of customers, products or holdings. It is not used.';
}

function writeSource(out: ConfigWriter, { holdings, products, since, roles }: Proposal, { keys, encoding }: SourceFacts): void {
  out.gap();
  out.section(0, 'source');
  for (const [key, value] of Object.entries(keys)) out.entry(2, key, value);
  if (encoding !== 'utf-8') out.entry(2, 'encoding', encoding, 'the CSV files are not in UTF-8; this encoding reads them');
  // The encoding needs no check if it is UTF-8, which is seldom valid by chance, or UTF-16, which has a mark.
  if (!encoding.startsWith('utf-'))
    out.note(
      'check',
      'source.encoding',
      `${encoding} is found by bytes alone: look at the letters of names, which may be of another encoding`,
    );
  const dates = [
    holdings.date.column,
    holdings.closed.column,
    products.saleStart.column,
    products.saleEnd.column,
    since,
    roles.customers.dated?.date,
  ];
  const moment = dates.find((one) => one?.isMoment);
  if (!moment) return;
  out.entry(
    2,
    'time_zone',
    'UTC',
    `${moment.name} holds moments, whose day depends on the zone: set the bank's own, such as Europe/Berlin`,
  );
  out.note('check', 'source.time_zone', `${moment.name} holds moments: set the bank's own zone`);
}

/** Writes the limits of a run's guards, if the present tables already exceed the defaults. */
function writeGuards(out: ConfigWriter, { customer, product }: Proposal['roles']['holdings']): void {
  const limits = [
    { key: 'max_unknown_products', link: product, limit: 0.01 },
    { key: 'max_unknown_customers', link: customer, limit: 0.05 },
  ].filter(
    (one): one is { key: string; link: Link; limit: number } =>
      one.link !== undefined && 1 - one.link.rows > one.limit && one.link.share >= 0.5,
  );
  if (limits.length === 0) return;
  out.gap();
  out.section(0, 'guards');
  for (const { key, link } of limits) {
    const unknown = 1 - link.rows;
    out.entry(
      2,
      key,
      Math.min(1, Math.ceil(unknown * 100 + 2) / 100),
      `${percent(unknown)} of the rows of ${link.from.table.name} have a ${link.from.column.name} that ${link.to.table.name} lacks: find out why`,
    );
    out.note(
      'check',
      `guards.${key}`,
      `${percent(unknown)} of the rows of ${link.from.table.name} have a ${link.from.column.name} that ${link.to.table.name} lacks`,
    );
  }
}

function writeRules(out: ConfigWriter, proposal: Proposal, source: SourceFacts): void {
  const { consents, flags, roles } = proposal;
  const used = usedConsent(proposal);
  const also = used ? usedRefusals(proposal, used) : [];
  out.gap();
  if (used) {
    out.comment(0, 'customers must pass all rules to be addressed; null fails');
    const rules = [used, ...also].map((one) => ruleOf(one, one === used ? 'NO_CONSENT' : refusalReason(one), roles, source));
    out.list(0, 'rules', rules);
    out.note('check', 'rules[0]', `${used.table.name}.${used.column.name} is taken for the consent to be addressed`);
    for (const [i, { table, column }] of also.entries())
      out.note('check', `rules[${i + 1}]`, `${table.name}.${column.name} is taken for a refusal to be addressed`);
  } else {
    if (consents.length + flags.length > 0) {
      const why = 'runs end with 78 until a rule uses the consent, or this is { none: REASON }';
      out.entry(0, 'consent', 'undecided', why);
      out.note('edit', 'consent', 'no rule uses a consent yet: write one, or say why none is needed');
    }
    out.comment(
      0,
      'rules: # no column is surely a consent to be addressed; a rule looks like - { reason: NO_CONSENT, require: "consent = \'Y\'" }',
    );
  }
  for (const one of consents.filter((other) => other !== used && !also.includes(other)).slice(0, 4)) {
    const where = one.join ? `in ${one.table.name}, to be joined in tables.customers.sql` : 'of the customers table';
    out.comment(
      used ? 2 : 0,
      `perhaps also: ${one.column.name} ${where}, with the values ${(one.column.values ?? []).map(({ value }) => value).join(', ')}`,
    );
    // The same column in another table, such as an earlier state of the customers, is not another consent.
    if (one.column.name === used?.column.name) continue;
    const why = used ? 'beside that of rules[0]' : unusedConsent(one);
    out.note('check', 'rules', `${one.table.name}.${one.column.name} may be a consent, and no rule uses it: ${why}`);
  }
  writeFlags(out, proposal);
}

/** Rule that a customer's consent has the value that means yes. A comment gives the share of such customers. */
function ruleOf(consent: ConsentGuess, reason: string, { customers }: Roles, { sql }: SourceFacts) {
  const { table, column, allowed, share } = consent;
  const require = `${sql.column(consentColumn(consent, customers.table))} = ${sql.literal(allowed!, column)}`;
  return { value: { reason, require }, why: `${table.name}.${column.name}: ${percent(share, 0)} of its rows` };
}

/** Name of the reason for customers who fail the rule of a refusal: the column's name. */
function refusalReason({ column }: ConsentGuess): string {
  return `REFUSED_${column.name.replaceAll(/[^\p{L}\p{N}]+/gu, '_').toUpperCase()}`;
}

/** Writes, as comments, the yes-or-no columns that may be the consent. */
function writeFlags(out: ConfigWriter, { flags, roles }: Proposal): void {
  for (const { name, values } of flags.slice(0, 4)) {
    out.comment(0, `perhaps: ${name} of the customers table, with the values ${values!.map(({ value }) => value).join(', ')}`);
    out.note(
      'check',
      'rules',
      `${roles.customers.table.name}.${name} may be a consent: it has yes and no, and its name says nothing`,
    );
  }
}

/** Reason why no rule uses a column of consent. */
function unusedConsent({ allowed }: ConsentGuess): string {
  return allowed === undefined ? 'its values do not say which of them means yes' : 'no customer passes it';
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
  const { table, dated } = roles.customers;
  const isDated = holdings.date.column !== undefined;
  const isUsed = ({ isFixed }: FeatureGuess) => isDated && (isFixed || dated !== undefined);
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
    if (isUsed(feature)) out.entry(2, feature.name, value);
    else
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
