import { type DuckdbEngine, queryRows } from '@basketwise/data';
import { agentsIn, guessHoldings, type HoldingGuess } from './guess.ts';
import type { Link } from './links.ts';
import { endedByStatus, type HolderPairs, ofAllHolders, ofBothHolders, type Plan, type PlanInputs } from './made-tables.ts';
import type { Roles, Survey } from './roles.ts';
import { type ColumnFacts, isNearlyUnique, isUnique, madeFact } from './survey.ts';
import { isNoHolder, kindScore } from './words.ts';

/** Smallest share of a column's values that must be values of the key. */
const nearlyAll = 0.95;
/** Largest mean number of holders per contract. */
const mostHolders = 4;
/** Largest mean number of contracts per holder. */
const mostContracts = 10;

/** Looks for a table of pairs of a contract and a holder, whose contracts have products. */
export async function findHolderPairs({ engine, survey }: PlanInputs): Promise<Plan | undefined> {
  for (const contract of survey.links.filter((link) => isOfPairs(link, survey))) {
    const holder = survey.links.find((link) => isHolder(link, contract));
    if (!holder || (await survey.pairShare(contract.from.table, contract.from.column, holder.from.column)) < nearlyAll) continue;
    const [pairs, contracts] = [contract.from.table, contract.to.table];
    const own = survey.links
      .filter((link) => link.from.table === contracts && link.to.column === holder.to.column && isOfHolders(link))
      .sort((a, b) => b.covered - a.covered)[0]?.from.column;
    const { dialect } = engine;
    const text = (alias: string, { name }: ColumnFacts) => dialect.asText(`${alias}.${dialect.identifier(name)}`);
    const isOwn = own ? `${text('l', holder.from.column)} = ${text('h', own)}` : 'TRUE';
    const sql =
      `SELECT CAST(count(DISTINCT ${text('h', contract.to.column)}) AS DOUBLE) AS n FROM ${contracts.from} h` +
      ` JOIN ${pairs.from} l ON ${text('l', contract.from.column)} = ${text('h', contract.to.column)} AND ${isOwn}`;
    const [row] = await queryRows(engine, sql);
    const agents = agentsIn(pairs);
    const found: HolderPairs = { contract, holder, own, agents, isComplete: Number(row!.n) >= 0.9 * contracts.rows };
    // A table of pairs adds nothing if it only repeats the holders in the contracts table.
    if (own ? pairs.rows <= Number(row!.n) : !found.isComplete) continue;
    const why = `${pairs.name} has the holders of ${contracts.name}, ${pairs.rows} of ${contracts.rows} contracts: each holder has the holding${agents ? `, except where ${agents.column.name} is ${agents.values.join(', ')}` : ''}`;
    return ofAllHolders(found, why);
  }
  return undefined;
}

/**
 * Whether a link can lead from a table of pairs to contracts: the table has many contracts, each a few times, and contracts have
 * products.
 */
function isOfPairs({ from, to, share }: Link, { links }: Survey): boolean {
  const isPair = from.table.columns.length <= 5 && from.table.rows / from.column.distinct <= mostHolders;
  const isOfProducts = (link: Link) =>
    link.from.table === to.table &&
    link.share >= nearlyAll &&
    link.to.table !== from.table &&
    link.to.table.rows * 3 < to.table.rows;
  return isPair && share >= nearlyAll && isUnique(to.column, to.table) && links.some(isOfProducts);
}

/** Whether a link can lead from a table of pairs to customers. */
function isHolder(link: Link, contract: Link): boolean {
  const { from, to, covered } = link;
  const { table } = contract.from;
  const isOfOther = from.table === table && from.column !== contract.from.column && to.table !== contract.to.table;
  return isOfOther && covered >= 0.05 && isNearlyUnique(to.column, to.table) && isOfHolders(link);
}

/** Whether the values of a column can be customers. A customer occurs in few rows, a product in many. */
function isOfHolders({ from, share }: Link): boolean {
  return share >= nearlyAll && from.table.rows <= mostContracts * from.column.distinct;
}

/** Looks for a second column of customers (joint holders) in the holdings. */
export async function findSecondHolders({ engine }: PlanInputs, roles: Roles): Promise<Plan | undefined> {
  const { table, customer } = roles.holdings;
  const first = customer.from.column;
  const { dialect } = engine;
  for (const { from, to, share, covered } of roles.others.customer) {
    const second = from.column;
    const isSpread = covered >= 0.3 || second.distinct >= 0.3 * (table.rows - second.nulls);
    if (second === first || to !== customer.to || share < nearlyAll || !isSpread || isNoHolder(second.name)) continue;
    const [one, other] = [first, second].map(({ name }) => dialect.asText(dialect.identifier(name)));
    const [row] = await queryRows(engine, `SELECT CAST(count(*) AS DOUBLE) AS n FROM ${table.from} t WHERE ${one} = ${other}`);
    const rows = table.rows - second.nulls;
    if (Number(row!.n) > 0.01 * rows) continue;
    const why = `${second.name} has a second holder in ${rows} of ${table.rows} rows: each holder has the holding`;
    return ofBothHolders({ table, column: first }, second, why);
  }
  return undefined;
}

/** Smallest number of distinct days in a column of ends. */
const fewestEndDays = 10;

/** Looks for a column of statuses and a column of days that together show when a holding ended. */
export async function findStatusEnds({ engine, choices }: PlanInputs, roles: Roles): Promise<Plan | undefined> {
  const { table, customer, product } = roles.holdings;
  const { date, closed, status } = await guessHoldings(engine, roles, choices);
  if (closed.column || choices.closed !== undefined || !status || madeFact(table, 'closed') !== undefined) return undefined;
  const days = table.columns.filter(
    (column) =>
      column.isDate &&
      column !== date.column &&
      column.distinct >= fewestEndDays &&
      kindScore(column.name, 'status') + kindScore(column.name, 'recorded') > 0,
  );
  for (const day of days) {
    if (!(await areEnds(roles, day, date.column, status, engine))) continue;
    const values = status.live.join(', ');
    const why = `a holding whose ${status.column.name} is not ${values} ended on its ${day.name}`;
    const ids = [customer, product].flatMap((link) => link?.from.column.name ?? []);
    return endedByStatus(table, status, day.name, ids, why);
  }
  return undefined;
}

/**
 * Whether the days of ended rows can be closing days: many of them are distinct, and nearly all are after the opening of the holding.
 */
async function areEnds(
  { holdings: { table } }: Roles,
  day: ColumnFacts,
  opened: ColumnFacts | undefined,
  { column, live }: NonNullable<HoldingGuess['status']>,
  engine: DuckdbEngine,
): Promise<boolean> {
  const { dialect } = engine;
  const dayOf = ({ name, kind }: ColumnFacts) => dialect.asDate(dialect.identifier(name), kind);
  const isEnded = `${dialect.asText(dialect.identifier(column.name))} NOT IN (${live.map(dialect.text).join(', ')})`;
  const isAfter = opened ? `coalesce(${dayOf(day)} >= ${dayOf(opened)}, TRUE)` : 'TRUE';
  const sql =
    `SELECT CAST(count(*) AS DOUBLE) AS n, CAST(count(${dayOf(day)}) AS DOUBLE) AS dated, CAST(count(DISTINCT ${dayOf(day)}) AS DOUBLE) AS days,` +
    ` CAST(count(CASE WHEN ${isAfter} THEN 1 END) AS DOUBLE) AS after FROM ${table.from} t WHERE ${isEnded}`;
  const [row] = await queryRows(engine, sql);
  const [n, dated, days, after] = [row!.n, row!.dated, row!.days, row!.after].map(Number) as [number, number, number, number];
  return days >= fewestEndDays && dated >= nearlyAll * n && after >= 0.99 * n;
}
