import {
  ChoiceStore,
  type ChoiceWindow,
  createNextPurchase,
  effectValues,
  fitConditionalLogit,
  fitTierWeights,
  type KernelPool,
  type LevelRange,
  LogitChoices,
  type LogitFit,
  type MemberCandidate,
  type Model,
  memberCandidates,
  pairValues,
  type SpecOfKind,
} from '@basketwise/core';
import type { EvaluationSet } from '../evaluation/campaign-side.ts';
import type { CaseSet } from '../evaluation/case-outcomes.ts';
import type { LevelsOfCustomer, RankingFeatures } from '../evaluation/ranking-features.ts';
import { mostOfBaskets, mostWithFeatures } from './choice-candidates.ts';
import { type FittedMember, fitMembers, ProductNumbers, targetSets, windowChoices } from './purchase-choices.ts';

/** Ridges to try on the effects of features, and on those of clusters. Infinity, the first, excludes the effects. */
const candidateRidges = [Number.POSITIVE_INFINITY, 300, 100, 30, 10, 3];
/** Ridges to try on the weights of pairs of a held and a recommended product. Infinity, the first, excludes the weights. */
const pairRidges = [Number.POSITIVE_INFINITY, 300, 100, 30];
/** Maximum number of products for weights of pairs, in banks without dates. More products take long and have too few choices per pair. */
const mostPaired = 32;
/** Convergence tolerance of fits (see `LogitOptions.tolerance`). */
const fitTolerance = 1e-5;

/** Ridges on the three groups of effects. */
interface Ridges {
  features: number;
  clusters: number;
  pairs: number;
}

/** Window of a campaign, with the features of its customers. Windows are added newest first. */
export interface LearningWindow {
  evaluationSet: EvaluationSet;
  /** Returns a customer's feature levels as of the start of the window. Absent: the customers have no features. */
  levelsOf?: LevelsOfCustomer;
  /** Weight of each choice in the window. */
  weight: number;
  /** EASE component, equal in all windows. Default: the component with default parameters. */
  ease?: SpecOfKind<'ease'> | undefined;
}

/** Specification and weights learned from the purchases of several windows. */
export interface LearnedPurchases {
  spec: SpecOfKind<'next-purchase'>;
  /** Weight of each component by name, for scores scaled to standard deviation 1. */
  weights: Readonly<Record<string, number>>;
  /** Ridge on the effects of features. The newest window chooses it. Null: the customers have no features, or features did not improve the fit. */
  ridge: number | null;
  /** Ridge on the effects of clusters. Null: earlier clusters are unknown, or clusters did not improve the fit. */
  clusterRidge: number | null;
  /** Ridge on the weights of pairs. Null: pairs were not tried, or did not improve the fit. */
  pairRidge: number | null;
  /** Number of customers who purchased a known product, over all windows. */
  customers: number;
  /** Number of purchases of products that no customer had purchased before the window. */
  unknown: number;
}

/** Windows of a fit: all, or all except the one at a position. Position 0 is the newest. */
type LearnedOn = 'all' | { without: number };

/** Choices of one added window, with its numbers of customers and of purchases of unknown products. */
interface AddedWindow extends ChoiceWindow {
  customers: number;
  unknown: number;
}

/** Collects the choices of a campaign window by window, newest first, so that only one window's data is in memory. Then fits the weights. */
export class PurchaseLearner {
  readonly #numbers = new ProductNumbers();
  /** Numbers of the held products. Each held product is a feature with a single level; its effects are the weights of pairs. */
  readonly #held = new ProductNumbers();
  readonly #windows: AddedWindow[] = [];
  readonly #pool: KernelPool;
  readonly #ranking: RankingFeatures | null;
  readonly #inOrder: boolean;
  #members: readonly MemberCandidate[] = [];
  /** Fits since the last window was added, by windows and ridges. */
  readonly #fits = new Map<string, LogitFit>();
  /** Choices that `learn` stored in kernel memory, by windows. Undefined outside `learn`. */
  #stored: { store: ChoiceStore; choices: Map<string, LogitChoices> } | undefined;
  #ridges: Ridges | undefined;

  /**
   * @param inOrder true: windows follow each other in time, and the newest window validates the ridges. false: each window validates the fit to all
   * other windows
   */
  constructor(pool: KernelPool, ranking: RankingFeatures | null = null, inOrder = true) {
    this.#pool = pool;
    this.#inOrder = inOrder;
    this.#ranking = ranking;
  }

  /** Components of the models, in order. Empty until the first window is added. */
  get members(): readonly MemberCandidate[] {
    return this.#members;
  }

  /** Adds the next older window. Returns its fitted components, in the order of `members`. */
  async add({ evaluationSet, levelsOf = () => [], weight, ease }: LearningWindow): Promise<FittedMember[]> {
    const isDated = evaluationSet.data.acquisitions !== undefined;
    const members = memberCandidates(evaluationSet.table.table.columns.length, isDated, ease);
    if (this.#windows.length > 0 && members.length !== this.#members.length) return [];
    this.#members = members;
    const fitted = await fitMembers(evaluationSet, members);
    const { sets, cells, held, cases, unknown } = await windowChoices(
      evaluationSet,
      fitted,
      this.#numbers,
      levelsOf,
      weight,
      this.#ranking ? mostWithFeatures : mostOfBaskets,
    );
    if (sets.length === 0) sets.push(...(await targetSets(evaluationSet, fitted, this.#numbers)));
    const { columns, pseudoColumns } = evaluationSet.table.table;
    const first = this.#featureLevels();
    // With dates, weights of pairs gave no gain.
    const isPaired = !isDated && columns.length - pseudoColumns <= mostPaired;
    const levels = isPaired ? held.map((codes) => codes.map((code) => first + this.#held.of(code))) : [];
    const paired = cells.map((cell) => ({ ...cell, levels: [...cell.levels, ...(levels[cell.set] ?? [])] }));
    this.#windows.push({ sets, cells: paired, customers: cases, unknown });
    this.#ridges = undefined;
    this.#fits.clear();
    return fitted;
  }

  /** Fits the weights to the windows of each argument. Results are in the order of the arguments. The fits share work. */
  learn<const Windows extends readonly LearnedOn[]>(...windows: Windows): { [Place in keyof Windows]: LearnedPurchases };
  learn(...windows: readonly LearnedOn[]): LearnedPurchases[] {
    const { memory } = this.#pool;
    const mark = memory.mark();
    this.#stored = { store: new ChoiceStore(this.#pool), choices: new Map() };
    try {
      return windows.map((some) => this.#learnFrom(some));
    } finally {
      this.#stored = undefined;
      memory.release(mark);
    }
  }

  #learnFrom(windows: LearnedOn): LearnedPurchases {
    const older = this.#windows.slice(1);
    const some = windows === 'all' ? this.#windows : this.#windows.filter((_, place) => place !== windows.without);
    this.#ridges ??= this.#chosenRidges();
    const ridges = this.#ridges;
    const hasChoices = older.some(({ sets }) => sets.length > 0);
    const fit = this.#fit(some, ridges, hasChoices ? this.#fit(older, ridges) : undefined);
    const finite = (ridge: number) => (Number.isFinite(ridge) ? ridge : null);
    return {
      spec: this.#specOf(fit, this.#tierWeights(some, fit), ridges),
      weights: Object.fromEntries(this.#members.map(({ name }, k) => [name, fit.standardised[k]!])),
      ridge: finite(ridges.features),
      clusterRidge: finite(ridges.clusters),
      pairRidge: finite(ridges.pairs),
      customers: some.reduce((sum, { customers }) => sum + customers, 0),
      unknown: some.reduce((sum, { unknown }) => sum + unknown, 0),
    };
  }

  /** Ranges of levels: one per feature (with the clusters, if any), then one with a single level per held product. */
  #ranges(): LevelRange[] {
    let first = 0;
    const ofPairs = this.#held.codes.map(() => [0]);
    return [...(this.#ranking?.shares ?? []), ...ofPairs].map((shares) => {
      first += shares.length;
      return { first: first - shares.length, shares };
    });
  }

  #featureLevels(): number {
    return (this.#ranking?.shares ?? []).reduce((sum, { length }) => sum + length, 0);
  }

  /** Choices of some windows, prepared for fits and cached. */
  #choices(some: readonly AddedWindow[]): LogitChoices {
    const { store, choices } = this.#stored!;
    const key = this.#placesOf(some);
    const products = this.#numbers.codes.length;
    const problem = { windows: some, members: this.#members.length, products, features: this.#ranges() };
    const logitChoices = choices.get(key) ?? new LogitChoices(store, problem);
    choices.set(key, logitChoices);
    return logitChoices;
  }

  #placesOf(some: readonly AddedWindow[]): string {
    return some.map((one) => this.#windows.indexOf(one)).join(' ');
  }

  /**
   * Weights of the components for each customer tier. Null: all tiers use the common weights. Without dates the weights are always common, because
   * holding out a product moves a customer to a lower tier.
   */
  #tierWeights(some: readonly AddedWindow[], fit: LogitFit): Float64Array[] | null {
    const isEmpty = some.every(({ sets }) => sets.length === 0);
    return isEmpty || !this.#inOrder ? null : fitTierWeights(this.#choices(some), fit);
  }

  /** @param start result of a similar fit: it shortens this one */
  #fit(some: readonly AddedWindow[], { features, clusters, pairs }: Ridges, start?: LogitFit): LogitFit {
    if (some.every(({ sets }) => sets.length === 0)) return nothingLearned(this.#members.length);
    const key = `${this.#placesOf(some)}: ${features} ${clusters} ${pairs}`;
    const cached = this.#fits.get(key);
    if (cached) return cached;
    const prior = Float64Array.from(this.#members, (member) => member.prior);
    const { features: { length = 0 } = [], clusters: place } = this.#ranking ?? {};
    const ridges = this.#ranges().map((_, at) => (at >= length ? pairs : at === place ? clusters : features));
    const fit = fitConditionalLogit(this.#choices(some), { prior, tolerance: fitTolerance, start, ridges });
    this.#fits.set(key, fit);
    return fit;
  }

  /**
   * Chooses ridges by the likelihood of the newest window under fits to the older windows. The ridge of features is chosen first, then that of
   * clusters, then that of pairs. Effects that do not improve the likelihood are excluded.
   */
  #chosenRidges(): Ridges {
    const none: Ridges = { features: candidateRidges[0]!, clusters: candidateRidges[0]!, pairs: pairRidges[0]! };
    const windows = this.#windows.filter(({ cells }) => cells.length > 0);
    if (this.#ranges().length === 0 || windows.length < 2 || this.#windows[0]!.cells.length === 0) return none;
    const judged = this.#inOrder ? windows.slice(0, 1) : windows;
    const tests = judged.map((window) => {
      const others = this.#windows.filter((other) => other !== window);
      return { others, choices: this.#choices([window]), last: undefined as LogitFit | undefined };
    });
    const best = (some: readonly Ridges[]) => {
      const scores: number[] = [];
      let top = 0;
      for (const ridges of some) {
        // Ridges are tried in order of falling strength. The search stops after two successive ridges that are worse than the best.
        if (scores.length - top > 2) break;
        const score = tests.reduce((sum, test) => {
          // The previous fit is a good start, because neighbouring ridges give similar fits.
          test.last = this.#fit(test.others, ridges, test.last);
          return sum + test.choices.logLikelihood(test.last);
        }, 0);
        scores.push(score);
        if (score > scores[top]!) top = scores.length - 1;
      }
      return some[top]!;
    };
    const { features = [], clusters } = this.#ranking ?? {};
    let chosen = none;
    const choose = (name: keyof Ridges, ridges: readonly number[]) => {
      chosen = best(ridges.map((ridge) => ({ ...chosen, [name]: ridge })));
    };
    if (features.length > (clusters === undefined ? 0 : 1)) choose('features', candidateRidges);
    if (clusters !== undefined) choose('clusters', candidateRidges);
    if (this.#held.codes.length > 0) choose('pairs', pairRidges);
    return chosen;
  }

  #specOf({ weights, effects }: LogitFit, tiers: readonly Float64Array[] | null, ridges: Ridges): SpecOfKind<'next-purchase'> {
    const { codes } = this.#numbers;
    const isIn = (...some: readonly number[]) => effects.length > 0 && some.some(Number.isFinite);
    const levels = isIn(ridges.features, ridges.clusters) ? this.#featureLevels() : 0;
    const ofLevel = (level: number) =>
      Object.fromEntries(codes.map((code, product) => [code, effects[level * codes.length + product]!]));
    const pairs = this.#held.codes.map((code, held) => [code, ofLevel(this.#featureLevels() + held)] as const);
    const members = this.#members.flatMap(({ spec, lessLevel }, k) => {
      const byTier = tiers?.map((ofTier) => ofTier[k]!);
      const isUsed = weights[k]! > 0 || byTier?.some((weight) => weight > 0);
      return isUsed ? [{ model: spec, weight: weights[k]!, ...(byTier && { byTier }), ...(lessLevel && { lessLevel }) }] : [];
    });
    return {
      kind: 'next-purchase',
      members: members.length > 0 ? members : [{ model: this.#members[0]!.spec, weight: 1 }],
      features: levels > 0 ? this.#ranking!.features : [],
      effects: Array.from({ length: levels }, (_, level) => ofLevel(level)),
      ...(isIn(ridges.pairs) && { pairs: Object.fromEntries(pairs) }),
    };
  }
}

/** Fit if no customer purchased: only the first component, popularity, has a weight. */
function nothingLearned(members: number): LogitFit {
  const weights = Float64Array.from({ length: members }, (_, k) => (k === 0 ? 1 : 0));
  return { weights, standardised: weights, effects: new Float64Array(), iterations: 0 };
}

/**
 * Builds the model of a learned specification from components that are already fitted.
 * @param fitted fitted components, in the order of `members`
 */
export function learnedModel(
  { spec }: LearnedPurchases,
  { cases, columns }: { cases: CaseSet; columns: readonly string[] },
  fitted: readonly FittedMember[],
  members: readonly MemberCandidate[],
): Model {
  return createNextPurchase({
    members: spec.members.map(({ model: wanted, weight, byTier }) => {
      const fittedModel = fitted[members.findIndex(({ spec }) => JSON.stringify(spec) === JSON.stringify(wanted))]!;
      return { ...fittedModel, weight, byTier };
    }),
    features: spec.features,
    effects: effectValues(spec.effects, columns),
    pairs: pairValues(spec.pairs, columns),
    candidates: cases.allowed,
  });
}
