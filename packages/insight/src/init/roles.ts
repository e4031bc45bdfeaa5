import type { SampleColumn } from './column-samples.ts';
import {
  customersEvidence,
  type Evidence,
  fitOf,
  holdingsEvidence,
  leastLinkShare,
  productsEvidence,
  qualityOf,
} from './evidence.ts';
import type { Link } from './links.ts';
import { type ColumnFacts, isNamed, isNearlyUnique, type TableFacts } from './survey.ts';
import { kindScore } from './words.ts';

/** Facts about all tables of a bank. */
export interface Survey {
  tables: readonly TableFacts[];
  links: readonly Link[];
  /** Number of distinct pairs of two columns as a share of the table's rows. One of the columns must have many values. */
  pairShare(table: TableFacts, one: ColumnFacts, other: ColumnFacts): Promise<number>;
  /** Returns a sample of a column's values, for comparisons with other columns. */
  sampleColumn: SampleColumn;
}

/** Answer that stands for no column. */
export const noColumn = '-';

/** Tables and columns that a person has chosen. They replace the proposals. */
export interface InitAnswers {
  customers?: string;
  id?: string;
  products?: string;
  code?: string;
  name?: string;
  class?: string;
  holdings?: string;
  customer?: string;
  product?: string;
  date?: string;
  closed?: string;
  consent?: string;
  /** Value of an unsure consent with which customers may be contacted. */
  allowed?: string;
  referenceDate?: string;
  /** Order of day and month for columns whose values do not show it: DD/MM or MM/DD. */
  dayOrder?: string;
}

/** Role of a table. */
export type RoleName = 'customers' | 'products' | 'holdings';

/** How certain it is that a table has a role. */
interface Confidence {
  /** Quality of the evidence, 0 to 1. It is lower if another table fits nearly as well. */
  value: number;
  /** Table that fits second best. Undefined if there is no other. */
  runnerUp: TableFacts | undefined;
}

/** Tables of the three roles, and the links between them. */
export interface Roles {
  customers: { table: TableFacts; id: ColumnFacts };
  products: { table: TableFacts; key: ColumnFacts | undefined };
  holdings: { table: TableFacts; customer: Link; product: Link | undefined };
  /** Further columns that could refer to products or to customers, by role. */
  others: { customer: readonly Link[]; product: readonly Link[] };
  confidence: Readonly<Record<RoleName, Confidence>>;
  /** Reasons why a run would refuse a table. */
  doubts?: Readonly<Partial<Record<RoleName, string>>>;
}

/** Links from one table, possibly the holdings, to two other tables, possibly customers and products. */
interface HoldingsCandidate {
  customer: Link;
  product: Link | undefined;
  evidence: Partial<Record<RoleName, Evidence>>;
  fit: number;
}

/**
 * Finds the tables of customers, products and holdings by the links between tables. Undefined if no table has links to two
 * others.
 */
export async function findRoles(survey: Survey, choices: InitAnswers = {}): Promise<Roles | undefined> {
  const { links } = survey;
  const candidates = await rankCandidates(survey, holdingsCandidates(survey, choices));
  const [best] = candidates;
  if (!best) return undefined;
  const { customer, product } = best;
  const { table, column: id } = customer.to;
  const products = product?.to.table ?? productTable(survey.tables, customer, choices);
  if (!products) return undefined;
  const near = (wanted: Link, all: readonly Link[]) =>
    all.filter(
      (one) =>
        one !== wanted && one.from.table === wanted.from.table && one.to.table === wanted.to.table && one.share >= leastLinkShare,
    );
  const confidence = (role: RoleName) => confidenceIn(role, candidates, choices);
  return {
    customers: { table, id },
    products: { table: products, key: product?.to.column },
    holdings: { table: customer.from.table, customer, product },
    others: { customer: near(customer, links), product: product ? near(product, links) : [] },
    confidence: { customers: confidence('customers'), products: confidence('products'), holdings: confidence('holdings') },
  };
}

/** All pairs of links from one table. If there are no pairs, links to customers only. */
function holdingsCandidates({ tables, links }: Survey, choices: InitAnswers): HoldingsCandidate[] {
  const is = (chosen: string | undefined, name: string) => chosen === undefined || chosen === name;
  const isTable = (chosen: string | undefined, table: TableFacts) => chosen === undefined || isNamed(table, chosen);
  const largest = Math.max(...tables.map(({ rows }) => rows));
  const isKey = ({ to }: Link) => isNearlyUnique(to.column, to.table);
  const fromHoldings = links.filter(({ from }) => isTable(choices.holdings, from.table));
  const customerLinks = fromHoldings.filter(
    (link) =>
      is(choices.customer, link.from.column.name) &&
      isTable(choices.customers, link.to.table) &&
      is(choices.id, link.to.column.name) &&
      isKey(link),
  );
  const productLinks = fromHoldings.filter(
    ({ from, to }) => is(choices.product, from.column.name) && isTable(choices.products, to.table),
  );
  const both = customerLinks.flatMap((customer) =>
    productLinks
      .filter(
        ({ from, to }) =>
          from.table === customer.from.table && from.column !== customer.from.column && to.table !== customer.to.table,
      )
      .map((product) => candidateOf(customer, product, largest)),
  );
  if (both.length > 0) return both;
  return customerLinks
    .filter(({ share }) => share >= leastLinkShare)
    .map((customer) => candidateOf(customer, undefined, largest));
}

function candidateOf(customer: Link, product: Link | undefined, largest: number): HoldingsCandidate {
  const evidence = {
    customers: customersEvidence(customer),
    ...(product && { products: productsEvidence(product, customer) }),
    holdings: holdingsEvidence(customer, largest),
  };
  return { customer, product, evidence, fit: Object.values(evidence).reduce((sum, one) => sum + fitOf(one), 0) };
}

/** Limits for candidates that are compared by their rows: number of candidates, and difference of fit from the best candidate. */
const compared = { most: 8, within: 5 };
/**
 * Weight of the share of distinct pairs of customer and product. It is low if branches, currencies or transactions were taken for
 * products, because many rows then repeat a pair.
 */
const pairWeight = 1.5;

/** Sorts candidates by fit, best first. The best candidates are also compared by their distinct pairs of customer and product. */
async function rankCandidates(survey: Survey, candidates: readonly HoldingsCandidate[]): Promise<HoldingsCandidate[]> {
  const byFit = [...candidates].sort((a, b) => b.fit - a.fit);
  const ranked: HoldingsCandidate[] = [];
  for (const [i, one] of byFit.entries()) {
    const isCompared = i < compared.most && one.fit >= byFit[0]!.fit - compared.within && one.product !== undefined;
    const { from } = one.customer;
    const share = isCompared ? await survey.pairShare(from.table, from.column, one.product!.from.column) : 0;
    ranked.push({ ...one, fit: one.fit + pairWeight * share });
  }
  return ranked.sort((a, b) => b.fit - a.fit);
}

/** Difference of fit from which the second-best table no longer lowers the confidence in the best table. */
const clearLead = 2;

function tableOf({ customer, product }: HoldingsCandidate, role: RoleName): TableFacts | undefined {
  return { customers: customer.to.table, products: product?.to.table, holdings: customer.from.table }[role];
}

/** Quality of the evidence for a role. It is halved if another table fits as well. */
function confidenceIn(role: RoleName, [best, ...others]: readonly HoldingsCandidate[], choices: InitAnswers): Confidence {
  if (choices[role] !== undefined) return { value: 1, runnerUp: undefined };
  const evidence = best!.evidence[role];
  const runnerUp = others.find((one) => tableOf(one, role) !== tableOf(best!, role));
  const lead = runnerUp ? Math.min(1, (best!.fit - runnerUp.fit) / clearLead) : 1;
  return { value: evidence ? qualityOf(evidence) * (0.5 + 0.5 * lead) : 0, runnerUp: runnerUp && tableOf(runnerUp, role) };
}

/**
 * Smallest confidence with which a table gets a role without confirmation by a person. In the unusual banks of test/, the right tables
 * have at least 0.6. If two tables fit about equally well, each has less than 0.5.
 */
const leastConfidence = 0.5;

/** Whether a person must confirm the table of a role. Before that, a run refuses the config. */
export function isUnsure({ confidence, holdings, doubts }: Roles, role: RoleName): boolean {
  if (doubts?.[role] !== undefined) return true;
  return holdings.product !== undefined && confidence[role].value < leastConfidence && confidence[role].runnerUp !== undefined;
}

function productTable(tables: readonly TableFacts[], customer: Link, { products }: InitAnswers): TableFacts | undefined {
  const others = tables.filter((table) => table !== customer.from.table && table !== customer.to.table);
  return others.find((table) => (products === undefined ? kindScore(table.name, 'product') > 0 : isNamed(table, products)));
}

/** Columns of a table by their fit, best first. Columns that do not suit are left out. */
export function rank(table: TableFacts, fit: (column: ColumnFacts) => number): ColumnFacts[] {
  return table.columns
    .map((column) => ({ column, value: fit(column) }))
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value)
    .map(({ column }) => column);
}

/** Tables that have none of the three roles. */
export function otherTables({ tables }: Survey, { customers, products, holdings }: Roles): TableFacts[] {
  return tables.filter((table) => table !== customers.table && table !== products.table && table !== holdings.table);
}
