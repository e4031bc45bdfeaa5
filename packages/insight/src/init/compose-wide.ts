import { consentSense, wordsIn, yesOf } from '@basketwise/data';
import { type Plan, type PlanInputs, plan } from './made-tables.ts';
import { findRoles } from './roles.ts';
import { type ColumnFacts, canBeKey, isNearlyUnique, type SqlTexts, type TableFacts, valueTexts } from './survey.ts';
import { isPersonal, kindScore } from './words.ts';

/** Table with a column per product, which says by a flag or a balance whether the customer of the row holds the product. */
interface WideTable {
  table: TableFacts;
  /** Id of the customers. */
  id: ColumnFacts;
  /** Day of the snapshots. Undefined if the table has no such column. */
  day: ColumnFacts | undefined;
  products: readonly ColumnFacts[];
  /** Columns that look like products of another kind (flags or balances), or whose names name no product. They are not used. */
  unused: readonly ColumnFacts[];
}

/** Smallest number of product columns of a wide table. */
const leastProducts = 3;
/** Smallest share of the names of product columns that must have the same first or last word, for it to be left out of names. */
const commonWord = 0.9;

/** Matches the names of bank products, in columns. */
const productName =
  /(^|[_ -])(save?|sav|chk|ck|cd|ira|auto|visa|card|fund|plan|hip|pres|valo|nom|pens|tarj|deb|dep|ins|inv|mtg|sec|cta)([_ -]|$)|saving|check(ing)?|share_?draft|current_?acc|credit|debit|cards?$|loan|mortgage|heloc|deposit|money_?market|fund|pension|insur|securit|invest|broker|overdraft|certificate|annuity|ahor|cuenta|tarjeta|hipotec|prestamo|préstamo|plazo|fondo|seguro|nomina|nómina|recibo|valores|giro|konto|karte|kredit|hypothek|baufin|spar|depot|versicher|fonds|[eé]pargne|livret|carte|cr[eé]dit|assurance|poupan|cart[aã]o|consorcio|sparkonto|lån|kort|účet|konta|lokat|kredyt|예금|적금|대출|카드|보험|펀드|연금|예적금|預金|ローン|カード|保険|投信/i;
/** Matches the names of figures about customers that contain words for products. */
const figureName =
  /score|rating|limit|rate$|_rate|ratio|total|avg|average|count|num_prod|nprod|days|age|income|risk|segment|opt|status|block/i;

/** Values that stand for a missing one. */
const missing = ['', 'na', 'n/a', 'null', 'none', '-'];

function flagOf(column: ColumnFacts): { yes: string } | undefined {
  const pair = yesOf(valueTexts(column).filter((value) => !missing.includes(value.trim().toLowerCase())));
  return pair && column.distinct > 1 ? pair : undefined;
}

/** Whether a column can be a balance: a number that many customers lack, or that is zero for them. */
function isBalance({ kind, hasComma, nulls, values }: ColumnFacts, { rows }: TableFacts): boolean {
  if (kind !== 'number' && kind !== 'integer' && !hasComma) return false;
  const zeros = values?.find(({ value }) => Number(value) === 0)?.rows ?? 0;
  return nulls + zeros >= 0.05 * rows || values === null;
}

/** Product columns of a table: the largest group of flags or balances with names of products. */
function productColumns(table: TableFacts): Pick<WideTable, 'products' | 'unused'> {
  const isOther = ({ name }: ColumnFacts) =>
    figureName.test(name) || consentSense(name) !== undefined || kindScore(name, 'sex') + kindScore(name, 'birth') > 0;
  const candidates = table.columns.filter((column) => !column.isDate && !isOther(column));
  const flags = candidates.filter((column) => flagOf(column) !== undefined);
  const balances = candidates.filter((column) => flagOf(column) === undefined && isBalance(column, table));
  const named = (all: readonly ColumnFacts[]) => all.filter(({ name }) => productName.test(name));
  const [group, others] = named(flags).length >= named(balances).length ? [flags, balances] : [balances, flags];
  // Columns whose names begin or end with the same words as those of products are products, too.
  const { isAlike } = sharedWords(named(group));
  const products = group.filter((column) => productName.test(column.name) || isAlike(wordsIn(column.name)));
  return { products, unused: [...group.filter((one) => !products.includes(one)), ...named(others)] };
}

/** First and last word of nearly all names of columns. `strip` takes them away, `isAlike` says whether a name has them. */
function sharedWords(columns: readonly ColumnFacts[]) {
  const names = columns.map(({ name }) => wordsIn(name)).filter((parts) => parts.length > 1);
  const common = (at: 0 | -1) => {
    const least = Math.max(leastProducts, commonWord * columns.length);
    return names.map((parts) => parts.at(at)!).find((word) => names.filter((parts) => parts.at(at) === word).length >= least);
  };
  const [first, last] = [common(0), common(-1)];
  return {
    strip: (parts: readonly string[]) => parts.slice(parts[0] === first ? 1 : 0, parts.at(-1) === last ? -1 : undefined),
    isAlike: (parts: readonly string[]) =>
      (first !== undefined || last !== undefined) &&
      [first ?? parts[0], last ?? parts.at(-1)].join() === [parts[0], parts.at(-1)].join(),
  };
}

/** Looks for a wide table in a bank without a table of holdings, and unfolds it to tables of holdings, products and customers. */
export async function findWide({ survey, choices }: PlanInputs): Promise<Plan[]> {
  const roles = await findRoles(survey, choices);
  const wide = survey.tables.flatMap((table) => wideOf(table) ?? []).sort((a, b) => b.products.length - a.products.length)[0];
  if (!wide || (roles?.holdings.product && roles.holdings.table !== wide.table)) return [];
  const names = wide.products.map(({ name }) => name);
  const isListed = survey.tables.some(
    (table) => table !== wide.table && table.columns.some((column) => names.every((name) => valueTexts(column).includes(name))),
  );
  return [heldPlan(wide), ...(isListed ? [] : [productPlan(wide)]), customerPlan(wide)];
}

function wideOf(table: TableFacts): WideTable | undefined {
  const { products, unused } = productColumns(table);
  if (products.length < leastProducts) return undefined;
  const days = table.columns.filter(({ isDate, nulls, distinct }) => isDate && nulls === 0 && distinct <= table.rows / 20);
  const day = days.sort((a, b) => kindScore(b.name, 'snapshot') - kindScore(a.name, 'snapshot') || a.distinct - b.distinct)[0];
  const isId = (column: ColumnFacts) =>
    canBeKey(column) && column.nulls === 0 && !products.includes(column) && !isPersonal(column.name, []);
  // The id has a row for each snapshot.
  const perDay = day ? day.distinct : 1;
  const [id] = table.columns
    .filter((column) => isId(column) && (isNearlyUnique(column, table) || column.distinct * perDay * 1.01 >= table.rows))
    .filter((column) => column.distinct >= 20 && column.distinct * 400 >= table.rows)
    .sort((a, b) => fitOfId(b) - fitOfId(a));
  return id && { table, id, day, products, unused };
}

const fitOfId = ({ name, distinct }: ColumnFacts) => 2 * kindScore(name, 'customer') + kindScore(name, 'id') - 1 / distinct;

/** Name of the column with the name of a product column. */
const productColumn = 'product';

/** Condition that is true if the column of a product says that the customer of the row holds it. */
function isHeld(sql: SqlTexts, column: ColumnFacts): string {
  const value = sql.column(column.name);
  const flag = flagOf(column);
  if (flag)
    return column.kind === 'boolean' ? `${sql.asText(value)} = '${flag.yes}'` : `${value} = ${sql.literal(flag.yes, column)}`;
  if (column.nulls > 0) return `${value} IS NOT NULL`;
  return column.hasComma ? `${sql.asText(value)} NOT IN ('0', '0,0', '0,00', '0.0')` : `${value} <> 0`;
}

const nameList = (products: readonly ColumnFacts[]) => products.map(({ name }) => name).join(', ');

/** Plan for a table with a row for each customer, product and snapshot. */
function heldPlan({ table, id, day, products, unused }: WideTable): Plan {
  const query = (sql: SqlTexts) => {
    const isSeveral = day !== undefined && day.distinct > 1;
    const names = products.map(
      ({ name }, i) =>
        `${i === 0 ? '' : 'UNION ALL '}SELECT '${name.replaceAll("'", "''")}'${i === 0 ? ` AS ${productColumn}` : ''}`,
    );
    const held = products.map((column) => `    WHEN '${column.name.replaceAll("'", "''")}' THEN ${isHeld(sql, column)}`);
    return [
      `SELECT t.${sql.column(id.name)}${isSeveral ? `, t.${sql.column(day.name)}` : ''}, p.${productColumn}`,
      `FROM ${sql.table(table, [id.name])} t`,
      `CROSS JOIN (\n  ${names.join('\n  ')}\n) p`,
      `WHERE CASE p.${productColumn}\n${held.join('\n')}\n  END`,
    ].join('\n');
  };
  const flag = flagOf(products[0]!);
  const how = flag ? `is ${flag.yes}` : 'has a balance';
  const left = unused.length > 0 ? `; not taken for products: ${nameList(unused)}` : '';
  const why = `${table.name} has a column per product: a customer holds it where it ${how} (${nameList(products)}${left})`;
  return plan([table], { why, query, ...(day?.last && { asOf: day.last }) }, []);
}

/** Plan for a table of the products that have a column. */
function productPlan({ table, products }: WideTable): Plan {
  const { strip } = sharedWords(products);
  const stripped = products.map(({ name }) => strip(wordsIn(name)).join(' '));
  const isClear = new Set(stripped).size === products.length && stripped.every((name) => name !== '');
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const query = () =>
    products
      .map(
        ({ name }, i) => `SELECT ${quoted(name)} AS ${productColumn}, ${quoted(isClear ? stripped[i]! : name)} AS product_name`,
      )
      .join('\nUNION ALL ');
  return plan([table], { why: `the products are the columns of ${table.name}: write their names and classes`, query }, []);
}

/** Plan for a table of the customers, without the columns of products. */
function customerPlan({ table, id, products }: WideTable): Plan {
  const others = table.columns.filter((column) => !products.includes(column));
  const query = (sql: SqlTexts) =>
    `SELECT ${others.map(({ name }) => sql.column(name)).join(', ')}\nFROM ${sql.table(table, [id.name])} t`;
  return plan([table], { why: `the customers are the rows of ${table.name}`, query });
}
