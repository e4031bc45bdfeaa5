import {
  type CampaignResults,
  type KernelPool,
  type ListsOfRange,
  type Model,
  type PreparedRequest,
  type RowRange,
  required,
} from '@basketwise/core';
import type { Bank } from './bank.ts';
import { type BankSettings, fallbackOf } from './bank-settings.ts';
import { type CampaignTable, clusterOfRows } from './baskets.ts';
import { type Calibration, probabilities } from './calibration.ts';
import { type CampaignCounts, countCampaign, sourcesOf } from './campaign-counts.ts';
import { type Lists, preparedLists } from './lists.ts';
import { isNextProduct, type NextProduct, nextProductProbabilities } from './next-product.ts';
import { popularText, ReasonTexts } from './reason-texts.ts';
import type { ScorePlaces } from './score-places.ts';
import type { CampaignModels } from './train.ts';

/** Lists of a campaign, and its counts. */
export interface ScoredCampaign {
  results: CampaignResults;
  counts: CampaignCounts;
}

/** Collects the lists of basket rows, in the order of the rows. */
class ListWriter {
  readonly start: Uint32Array;
  readonly product: Int32Array;
  readonly score: Float32Array;
  readonly source: Uint8Array;
  readonly reason: Int32Array;
  #row = 0;
  #at = 0;

  constructor(rows: number, n: number) {
    this.start = new Uint32Array(rows + 1);
    this.product = new Int32Array(rows * n);
    this.score = new Float32Array(rows * n);
    this.source = new Uint8Array(rows * n);
    this.reason = new Int32Array(rows * n);
  }

  /** Ends the lists of all rows before `row`. Entries added from now on belong to `row`. */
  begin(row: number): void {
    while (this.#row < row) this.start[++this.#row] = this.#at;
  }

  add(product: number, score: number, source: number, reason: number): void {
    this.reason[this.#at] = reason;
    this.product[this.#at] = product;
    this.score[this.#at] = score;
    this.source[this.#at++] = source;
  }

  finish(): Lists {
    this.begin(this.start.length - 1);
    return {
      start: this.start,
      product: this.product.subarray(0, this.#at),
      score: this.score.subarray(0, this.#at),
      source: this.source.subarray(0, this.#at),
      reason: this.reason.subarray(0, this.#at),
    };
  }
}

/** Resources and settings for making lists. */
export interface ScoringTools {
  pool: KernelPool;
  /** Length of the longest list. */
  topN: number;
  /** Source of the lists of customers without holdings: popular products, or the model. Absent: the default of the kind of model. */
  fallback: BankSettings['fallback'];
  /** Rules of the config, in order. Excluded customers are counted by `reason`. */
  rules: readonly { reason: string }[];
  /** Score quantiles by cluster, for probabilities. Absent: they are computed from the lists themselves. */
  places?: ReadonlyMap<number, ScorePlaces> | undefined;
  /** Whether lists have reasons. Default true. */
  reasons?: boolean;
  /** Text of a product in reasons, from its group key. Default: the group key. */
  productName?: ((key: string) => string) | undefined;
  signal?: AbortSignal | undefined;
}

/** Parts of the bank that lists need. */
interface ScoredBank {
  popularity: Pick<Bank['popularity'], 'ranked'>;
}

/** Makes the lists of all target customers of a campaign, and counts them. @param calibration Null: lists have no probabilities */
export async function scoreCampaign(
  tools: ScoringTools,
  bank: ScoredBank,
  campaign: CampaignTable,
  models: CampaignModels,
  calibration: Calibration | NextProduct | null = null,
): Promise<ScoredCampaign> {
  const { table, plan, columns } = campaign;
  const reasons = new ReasonTexts(campaign, models, tools.productName);
  const recommended = table.columns.map((key, column) =>
    column < table.columns.length - table.pseudoColumns ? (columns.recommended.get(key) ?? -1) : -1,
  );
  const lists = await listsOfTargets(tools, bank, campaign, models, { recommended, reasons });
  const cluster = clusterOfRows(campaign);
  const unit = new Int32Array(campaign.basketOf.buffer, campaign.basketOf.byteOffset, campaign.basketOf.length).slice();
  const counts = countCampaign(tools.rules, campaign, { ...lists, kind: models.kind }, unit, recommended);
  const probability =
    calibration &&
    (isNextProduct(calibration)
      ? await nextProductProbabilities(tools, campaign, models, lists, calibration)
      : probabilities(campaign, lists, calibration, tools.places));
  const served = probability === null ? lists : { ...lists, probability };
  return {
    results: {
      campaign: plan.name,
      unit,
      units: { ...served, reasons: reasons.texts, sources: sourcesOf(models.kind), ...(plan.scheme === null ? {} : { cluster }) },
    },
    counts,
  };
}

/** Makes the lists of all target rows, group by group. Kernel memory is restored afterwards. */
async function listsOfTargets(
  tools: ScoringTools,
  bank: ScoredBank,
  campaign: CampaignTable,
  models: CampaignModels,
  { recommended, reasons }: Pick<GroupWork, 'recommended' | 'reasons'>,
): Promise<Lists> {
  const { table, contexts } = campaign;
  const { pool, topN: n, signal, reasons: withReasons = true } = tools;
  const fallback = fallbackOf(models.kind, tools.fallback);
  const writer = new ListWriter(table.rows, n);
  const allowedOf = allowedColumns(table.columns, recommended);
  const listsOf = preparedModels({ pool, table, n, reasons: withReasons, ...(contexts && { contexts }) });
  const mark = table.memory.mark();
  for (const group of campaign.groups) {
    if (!group.target || group.failed.length > 0) continue;
    signal?.throwIfAborted();
    const model = models.byCluster.get(group.cluster) ?? models.all;
    const work = { ...group, model, allowed: allowedOf(group.withheld), listsOf, recommended, writer, reasons, n };
    await scoreGroup({ ...tools, fallback }, bank, campaign, work);
  }
  table.memory.release(mark);
  return writer.finish();
}

/**
 * Returns a function from withheld products to the allowed columns, u8[columns]: 1 if the column can be recommended and is not withheld. Equal sets
 * return the same array.
 */
function allowedColumns(
  columns: readonly string[],
  recommended: readonly number[],
): (withheld: ReadonlySet<string> | undefined) => Uint8Array {
  const made = new Map<ReadonlySet<string> | undefined, Uint8Array>();
  return (withheld) => {
    const cached = made.get(withheld);
    if (cached) return cached;
    const allowed = Uint8Array.from(recommended, (product, column) => (product >= 0 && !withheld?.has(columns[column]!) ? 1 : 0));
    made.set(withheld, allowed);
    return allowed;
  };
}

/**
 * Returns a function from a model and allowed columns to its lists for ranges of rows. Shared terms stay in kernel memory until another model or
 * other columns are requested. The caller releases the last ones.
 */
function preparedModels(request: Omit<PreparedRequest, 'allowed'>): (model: Model, allowed: Uint8Array) => ListsOfRange {
  const { memory } = request.table;
  const mark = memory.mark();
  let last: { model: Model; allowed: Uint8Array; lists: ListsOfRange } | undefined;
  return (model, allowed) => {
    if (last?.model === model && last.allowed === allowed) return last.lists;
    memory.release(mark);
    const lists = preparedLists(model, { ...request, allowed });
    last = { model, allowed, lists };
    return lists;
  };
}

interface GroupWork {
  cluster: number;
  range: RowRange;
  model: Model | null;
  /** Columns that can be recommended to the group, u8[columns]. */
  allowed: Uint8Array;
  listsOf: (model: Model, allowed: Uint8Array) => ListsOfRange;
  recommended: readonly number[];
  writer: ListWriter;
  reasons: ReasonTexts;
  n: number;
}

/** Writes the lists of one group: first the model's entries, then popular products as backfill. */
async function scoreGroup(
  { fallback, reasons: withReasons = true }: ScoringTools,
  bank: ScoredBank,
  campaign: CampaignTable,
  work: GroupWork,
): Promise<void> {
  const { table, columns, entriesOfNone } = campaign;
  const { range, model, allowed, listsOf, recommended, writer, reasons, n } = work;
  const { memory } = table;
  const popular = popularColumns(bank, campaign, work.cluster).filter(({ column }) => allowed[column] === 1);
  const byPopularity = fallback === 'popularity';
  const listsOfModel = model && columns.recommended.size > 0 ? listsOf(model, allowed) : null;
  const mark = memory.mark();
  const lists = listsOfModel && (await listsOfModel(range));
  const [start, entry] = [memory.u32(table.start, table.rows + 1), memory.u32(table.entry, table.entries)];
  const rows = range.to - range.from;
  const count = lists ? memory.u32(lists.count, rows) : new Uint32Array(rows);
  const column = lists ? memory.u32(lists.column, rows * n) : new Uint32Array(0);
  const score = lists ? memory.f32(lists.score, rows * n) : new Float32Array(0);
  const reason = lists?.reason === undefined ? undefined : memory.u32(lists.reason, rows * n);
  const why = (row: number, at: number): number => {
    if (!withReasons) return popularText;
    return reason === undefined ? reasons.explained(model!, row, column[at]!) : reasons.of(model!, reason[at]!);
  };
  const made: MadeLists = { count, column, score, why, n, start, entry, emptyUpTo: byPopularity ? entriesOfNone : -1 };
  writeRows(writer, made, range, { recommended: Int32Array.from(recommended), popular });
  memory.release(mark);
}

/**
 * Lists that the model made for a group's rows, with `n` entries reserved per row, and the baskets of the table. All campaigns pass this object
 * shape, so that V8 compiles the loop once.
 */
interface MadeLists {
  count: Uint32Array;
  column: Uint32Array;
  score: Float32Array;
  /** Returns the position of an entry's reason in the reasons' texts. */
  why: (row: number, at: number) => number;
  n: number;
  start: Uint32Array;
  entry: Uint32Array;
  /** Baskets with at most this number of entries get only popular products. -1: no basket does. */
  emptyUpTo: number;
}

/** Writes the lists of rows, with popular products as backfill. */
function writeRows(
  writer: ListWriter,
  { count, column, score, why, n, start, entry, emptyUpTo }: MadeLists,
  range: RowRange,
  { recommended, popular }: { recommended: Int32Array; popular: readonly PopularColumn[] },
): void {
  for (let row = range.from; row < range.to; row++) {
    const from = (row - range.from) * n;
    writer.begin(row);
    const taken = start[row + 1]! - start[row]! <= emptyUpTo ? 0 : count[row - range.from]!;
    for (let at = from; at < from + taken; at++) writer.add(recommended[column[at]!]!, score[at]!, 0, why(row, at));
    if (taken === n) continue;
    const entries = entry.subarray(start[row]!, start[row + 1]!);
    const listed = column.subarray(from, from + taken);
    let missing = n - taken;
    for (const candidate of popular) {
      if (missing === 0) break;
      if (listed.includes(candidate.column) || entries.some((packed) => packed >>> 8 === candidate.column)) continue;
      writer.add(recommended[candidate.column]!, candidate.score, 1, popularText);
      missing--;
    }
  }
}

/** Recommendable column, and the popularity of its product as a score. */
interface PopularColumn {
  column: number;
  score: number;
}

/** Recommendable table columns, most popular first. */
function popularColumns(bank: ScoredBank, { table, plan, columns }: CampaignTable, cluster: number): PopularColumn[] {
  const columnOf = new Map(table.columns.map((key, column) => [key, column]));
  return bank.popularity
    .ranked(columns.recommended.keys(), plan.scheme, cluster)
    .map(({ key, score }) => ({ column: required(columnOf, key), score }));
}
