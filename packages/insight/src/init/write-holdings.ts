import { type ConfigWriter, yamlLine } from './config-writer.ts';
import type { Guess } from './guess.ts';
import type { Proposal } from './propose.ts';
import { isUnsure } from './roles.ts';
import { type TableFacts, valueTexts } from './survey.ts';
import { kindScore } from './words.ts';
import { writeFormats, writeFrom } from './write-from.ts';
import { also, exampleValues, matchText, type SourceFacts } from './write-tables.ts';

/** Writes the key `tables.holdings`. */
export function writeHoldings(out: ConfigWriter, { holdings, roles, products }: Proposal, source: SourceFacts): void {
  const { table, customer, product } = roles.holdings;
  const { date, closed, status, isSnapshot } = holdings;
  out.section(2, 'holdings');
  if (isSnapshot && date.column && product && !isUnsure(roles, 'holdings'))
    writeSnapshotQuery(
      out,
      { customer: customer.from.column.name, product: product.from.column.name, date: date.column.name },
      table,
      source,
    );
  else writeFrom(out, 'holdings', roles, source.sql);
  out.entry(
    4,
    'customer',
    customer.from.column.name,
    `${matchText(customer.rows)} of the rows name a customer${also(roles.others.customer.map(({ from }) => from.column))}`,
  );
  if (customer.share < 0.5)
    out.note(
      'edit',
      'tables.holdings.customer',
      mismatch(customer.loose, `${customer.to.table.name}.${customer.to.column.name}`),
    );
  writeProduct(out, { roles, products });
  writeDates(out, { date, closed, isSnapshot });
  writeFormats(out, [4, 'tables.holdings'], table, isSnapshot ? [] : [date.column, closed.column]);
  if (!isSnapshot) writeStatus(out, status, closed.column !== undefined, source);
}

/** Writes the column that names the product. If it is uncertain, writes the candidates as a comment. */
function writeProduct(out: ConfigWriter, { roles, products }: Pick<Proposal, 'roles' | 'products'>): void {
  const { table, product } = roles.holdings;
  if (product) {
    const others = roles.others.product.filter(({ to }) => to === product.to).map(({ from }) => from.column);
    const keys = [
      ...new Set(roles.others.product.filter(({ from }) => from.column === product.from.column).map(({ to }) => to.column)),
    ];
    out.entry(4, 'product', product.from.column.name, `${matchText(product.rows)} of the rows name a product${also(others)}`);
    if (product.share < 0.5)
      out.note('edit', 'tables.holdings.product', mismatch(product.loose, `${product.to.table.name}.${product.to.column.name}`));
    out.entry(
      4,
      'by',
      products.by,
      `its values are those of ${product.to.table.name}.${product.to.column.name}${keys.length > 0 ? `, and also of ${keys.map(({ name }) => name).join(', ')}` : ''}`,
    );
  } else {
    const names = table.columns.filter(({ isDate }) => !isDate).map(({ name }) => name);
    out.comment(4, `product: ${names.join(' | ')}`);
    out.note(
      'edit',
      'tables.holdings.product',
      `the values of no column of ${table.name} are those of a column of ${roles.products.table.name}: choose one of ${names.join(', ')}, or join the table that has both (docs/config.md, Dates and queries)`,
    );
    out.comment(4, 'by: code | name');
  }
}

function mismatch(loose: number, key: string): string {
  return loose >= 0.5
    ? `${matchText(loose)} of the values are those of ${key} except for leading zeros or case: write both alike, with \`sql\` (lpad, upper)`
    : `few values are those of ${key}`;
}

function writeSnapshotQuery(
  out: ConfigWriter,
  names: { customer: string; product: string; date: string },
  table: TableFacts,
  { sql }: SourceFacts,
): void {
  const [customer, product] = [sql.column(names.customer), sql.column(names.product)];
  const file = sql.table(table, [names.customer, names.product]);
  const day = sql.dayOf(table, names.date);
  out.comment(
    4,
    `${table.name} has a row for each holding and ${names.date}: a holding was opened on its first day, and is closed after its last where that is not the newest of all`,
  );
  out.block(
    4,
    'sql',
    [
      `SELECT s.${customer}, s.${product}, min(s.seen_on) AS first_seen,`,
      "  CASE WHEN max(s.seen_on) < max(n.newest) THEN CAST(max(s.seen_on) + INTERVAL '1' DAY AS DATE) END AS gone_after",
      `FROM (SELECT ${customer}, ${product}, ${day} AS seen_on FROM ${file} t) s`,
      `CROSS JOIN (SELECT max(${day}) AS newest FROM ${file} t WHERE ${day} <= :date) n`,
      `WHERE s.seen_on <= :date GROUP BY s.${customer}, s.${product}`,
    ].join('\n'),
  );
  out.note('check', 'tables.holdings.sql', 'each holding has a row at many dates: it counts from its first to its last');
}

function writeDates(out: ConfigWriter, { date, closed, isSnapshot }: { date: Guess; closed: Guess; isSnapshot: boolean }): void {
  if (isSnapshot) {
    out.entry(4, 'date', 'first_seen');
    out.entry(4, 'closed', 'gone_after');
    return;
  }
  if (date.column) out.entry(4, 'date', date.column.name, `${date.why}${also(date.others)}`);
  else out.comment(4, 'date: no column holds dates: nothing is learned from when holdings were opened');
  if (date.column && date.why !== 'as you said' && kindScore(date.column.name, 'opened') === 0)
    out.note('check', 'tables.holdings.date', `${date.column.name} is taken for the day of opening${also(date.others)}`);
  if (closed.column) out.entry(4, 'closed', closed.column.name, `${closed.why}${also(closed.others)}`);
  else
    out.comment(
      4,
      `closed: no column says when a holding ended${closed.others.length > 0 ? `; perhaps ${closed.others.map(({ name }) => name).join(', ')}` : ''}`,
    );
}

function writeStatus(out: ConfigWriter, status: Proposal['holdings']['status'], hasClosed: boolean, { sql }: SourceFacts): void {
  if (!status) return;
  const values = valueTexts(status.column);
  const name = sql.column(status.column.name);
  const never = values.filter((value) => /reject|declin|pending|draft|applied|requested/i.test(value));
  const list = (all: readonly string[]) => all.map((value) => sql.literal(value, status.column)).join(', ');
  if (!hasClosed) {
    out.entry(
      4,
      'where',
      `${name} IN (${list(status.live)})`,
      `its values are ${exampleValues(values)}; rows of ended holdings are left out, so the past has none`,
    );
    out.note(
      'check',
      'tables.holdings.where',
      `a holding is held where ${status.column.name} is ${exampleValues(status.live)}. No column says when the others ended, so the past has only holdings that last: add that day if you can`,
    );
  } else if (never.length > 0) {
    out.entry(
      4,
      'where',
      `coalesce(${name}, '') NOT IN (${list(never)})`,
      `its values are ${exampleValues(values)}; these were never held`,
    );
    out.note('check', 'tables.holdings.where', `${exampleValues(never)} of ${status.column.name} were never held`);
  } else
    out.comment(
      4,
      `where: "${name} IN (${list(status.live)})" # ${status.column.name} is ${exampleValues(values)}; without it the day of closing decides`,
    );
}

/** Writes the key `tables.contacts` as a comment, because a config may have it only together with offers. */
export function writeContactKeys(out: ConfigWriter, { contacts }: Proposal): void {
  if (!contacts) return;
  const { table, customer, when, what, answer } = contacts;
  if (!what) {
    out.comment(
      2,
      `${table.name} is a log of contacts, and no column of it names a product or a campaign: no cool-off period can use it`,
    );
    return;
  }
  out.comment(2, `${table.name} is a log of contacts: with \`offers\` cool-off periods can use it (docs/offers.md)`);
  const value = {
    ...{ from: table.name, customer: customer.from.column.name, what: what.column.name, by: what.by, when: when.name },
    ...(answer && { answer: answer.name }),
    ...(when.format !== undefined && { date_format: { [when.name]: when.format } }),
  };
  out.comment(2, yamlLine('contacts', value));
}
