import { type ConfigWriter, yamlLine } from './config-writer.ts';
import { asSaid } from './guess.ts';
import type { Link } from './links.ts';
import { notIn } from './made-tables.ts';
import type { Proposal } from './propose.ts';
import { valueTexts } from './survey.ts';
import { also, columnKey, type KeyGuess, writeFormats, writeFrom, writeKeys } from './template.ts';
import { kindScore } from './words.ts';

import { exampleValues, matchText, type SourceFacts } from './write-tables.ts';

/** Writes the key `tables.holdings`. */
export function writeHoldings(out: ConfigWriter, { holdings, roles, products }: Proposal, source: SourceFacts): void {
  const { table, customer } = roles.holdings;
  const { date, closed } = holdings;
  const perhaps = closed.others.length > 0 ? `; perhaps ${closed.others.map(({ name }) => name).join(', ')}` : '';
  const isByValues = date.column && date.why !== asSaid && kindScore(date.column.name, 'opened') === 0;
  out.section(2, 'holdings');
  writeFrom(out, 'holdings', roles, source.sql);
  writeKeys(out, 'tables.holdings', [
    linkKey('customer', customer, roles.others.customer),
    ...productKeys({ roles, products }),
    {
      ...columnKey('date', date, 'no column holds dates: nothing is learned from when holdings were opened'),
      check: isByValues && `${date.column!.name} is taken for the day of opening${also(date.others)}`,
    },
    columnKey('closed', closed, `no column says when a holding ended${perhaps}`),
  ]);
  writeFormats(out, 'tables.holdings', table, [date.column, closed.column]);
  writeWhere(out, holdings, source);
}

/** Key of the column that names the customer or the product. */
function linkKey(key: 'customer' | 'product', { from, to, rows, share, loose }: Link, others: readonly Link[]): KeyGuess {
  const target = `${to.table.name}.${to.column.name}`;
  const mismatch =
    loose >= 0.5
      ? `${matchText(loose)} of the values are those of ${target} except for leading zeros or case: write both alike, with \`sql\` (lpad, upper)`
      : `few values are those of ${target}`;
  const why = `${matchText(rows)} of the rows name a ${key}${also(others.map((link) => link.from.column))}`;
  return { key, value: from.column.name, why, edit: share < 0.5 && mismatch };
}

/** Keys of the column that names the product. If it is uncertain, the candidates as a comment. */
function productKeys({ roles, products }: Pick<Proposal, 'roles' | 'products'>): KeyGuess[] {
  const { table, product } = roles.holdings;
  if (!product) {
    const names = table.columns.filter(({ isDate }) => !isDate).map(({ name }) => name);
    const edit = `the values of no column of ${table.name} are those of a column of ${roles.products.table.name}: choose one of ${names.join(', ')}, or join the table that has both (docs/tables.md#dates-and-queries)`;
    return [
      { key: 'product', absent: names.join(' | '), edit },
      { key: 'by', absent: 'code | name' },
    ];
  }
  const { from, to } = product;
  const others = roles.others.product;
  const keys = new Set(others.filter((link) => link.from.column === from.column).map((link) => link.to.column.name));
  const further = keys.size > 0 ? `, and also of ${[...keys].join(', ')}` : '';
  return [
    linkKey(
      'product',
      product,
      others.filter((link) => link.to === to),
    ),
    { key: 'by', value: products.by, why: `its values are those of ${to.table.name}.${to.column.name}${further}` },
  ];
}

/** Writes which rows are holdings: those of live statuses, if no day says when the others ended, and none of agents. */
function writeWhere(out: ConfigWriter, { closed, status, agents }: Proposal['holdings'], { sql }: SourceFacts): void {
  const conditions: { sql: string; why: string }[] = [];
  const check = (text: string) => out.note('check', 'tables.holdings.where', text);
  if (agents) {
    const why = `${exampleValues(agents.values)} of ${agents.column.name} hold nothing`;
    conditions.push({ sql: notIn(sql, agents), why });
    check(why);
  }
  const values = status ? valueTexts(status.column) : [];
  const never = values.filter((value) => /reject|declin|pending|draft|applied|requested/i.test(value));
  if (status) {
    const { column, live } = status;
    const isLive = `${sql.column(column.name)} IN (${live.map((value) => sql.literal(value, column)).join(', ')})`;
    if (!closed.column) {
      const why = `the values of ${column.name} are ${exampleValues(values)}; rows of ended holdings are left out, so the past has none`;
      conditions.push({ sql: isLive, why });
      check(
        `a holding is held where ${column.name} is ${exampleValues(live)}. No column says when the others ended, so the past has only holdings that last: add that day if you can`,
      );
    } else if (never.length > 0) {
      const why = `${exampleValues(never)} of ${column.name} were never held`;
      conditions.push({ sql: notIn(sql, { column, values: never }), why });
      check(why);
    } else
      out.comment(
        4,
        `${yamlLine('where', isLive)} # ${column.name} is ${exampleValues(values)}; without it the day of closing decides`,
      );
  }
  if (conditions.length > 0)
    out.entry(
      4,
      'where',
      conditions.map((condition) => condition.sql).join(' AND '),
      conditions.map(({ why }) => why).join('; '),
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
