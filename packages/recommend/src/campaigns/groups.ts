import { notInCampaign, required } from '@basketwise/core';
import type { CampaignPlan } from './campaign-plan.ts';
import type { CustomerContexts } from './customer-contexts.ts';
import { rankPairs } from './pair-ranks.ts';

/** Group of customers with the same cluster and the same failed rules. A group has either target customers or customers used only for training. */
export interface CampaignGroup {
  /** Cluster, or -1 for customers without one. */
  cluster: number;
  /** Positions in `config.rules` of the rules that these customers fail. Customers with a failed rule get no list of the campaign. */
  failed: readonly number[];
  /** Group keys of the products that rules withhold from these customers. Absent: no product is withheld. */
  withheld?: ReadonlySet<string> | undefined;
  target: boolean;
}

/** Data of the customers from which groups are made. All arrays have one element per customer. */
export interface CustomerFacts {
  customers: number;
  /** Cluster of each customer and number of clusters, by scheme. -1: no cluster. */
  clusters: ReadonlyMap<string, { clusters: Int16Array; count: number }>;
  /** Results of the rules, u8[customers] per rule of the config: 1 if the customer satisfies the rule. */
  eligible: readonly Uint8Array[];
  /** Flag of each customer by product class: 1 if the customer holds a product of the class. */
  holds: ReadonlyMap<string, Uint8Array>;
  /** Features of the customers. Absent: models rank by baskets only. */
  contexts?: CustomerContexts | undefined;
  /**
   * Flag of each customer who joins after the reference date: 1. These customers neither train models nor get lists. Absent: no customer joins later.
   */
  absent?: Uint8Array | undefined;
}

/** Groups of a campaign, ordered by cluster. The rows of a cluster are therefore adjacent. */
export interface CampaignGroups {
  /**
   * Number of each customer in the grouping, u32[customers], or `notInCampaign`. Without features it is the number of the customer's group. With
   * features it is the number of the pair of group and feature combination. Customers with equal numbers and equal baskets share a row.
   */
  number: Uint32Array;
  /** All groups, including groups without customers. */
  groups: readonly CampaignGroup[];
  /** First number of each group, u32[groups + 1], in the numbering of `number`. */
  firstOf: Uint32Array;
  /** Feature combination of each number, u32[numbers]. Absent: customers have no features. */
  context?: Uint32Array;
}

/**
 * Assigns the customers to the groups of a campaign.
 * @param withheld group keys of the products that a rule withholds, by rule (see `withheldProducts`). A rule with an empty set is ignored
 */
export function campaignGroups(
  plan: CampaignPlan,
  facts: CustomerFacts,
  withheld: ReadonlyMap<number, ReadonlySet<string>> = new Map(),
): CampaignGroups {
  const scheme = plan.scheme === null ? undefined : facts.clusters.get(plan.scheme);
  const clusters = scheme?.count ?? 0;
  const holds = required(facts.holds, plan.class);
  const member = plan.kind === 'cross' || plan.train === 'all';
  const target = plan.kind === 'upsell' ? 1 : 0;
  const rules = plan.rules.filter((rule) => withheld.get(rule)?.size !== 0);
  const { combination, present } = ruleCombinations(rules, facts);
  const groupsPerCluster = present.length * 2;
  const number = new Uint32Array(facts.customers).fill(notInCampaign);
  numberGroups(
    number,
    { holds, combination, cluster: scheme?.clusters, absent: facts.absent },
    { member, target, clusters, groupsPerCluster },
  );
  const failedBy = present.map((bits) =>
    failedRules(
      rules.filter((_, bit) => (bits >>> bit) & 1),
      withheld,
    ),
  );
  const groups = Array.from({ length: (clusters + 1) * groupsPerCluster }, (_, at): CampaignGroup => {
    const cluster = Math.floor(at / groupsPerCluster);
    const kind = at % groupsPerCluster;
    return { cluster: cluster === clusters ? -1 : cluster, ...failedBy[kind >>> 1]!, target: kind % 2 === 0 };
  });
  if (facts.contexts) return splitByFeatures(number, groups, facts.contexts);
  return { number, groups, firstOf: Uint32Array.from({ length: groups.length + 1 }, (_, at) => at) };
}

/**
 * Divides failed rules: `failed` has the rules that exclude customers from the whole campaign, `withheld` the products of all other rules.
 */
function failedRules(
  rules: readonly number[],
  withheld: ReadonlyMap<number, ReadonlySet<string>>,
): Pick<CampaignGroup, 'failed' | 'withheld'> {
  const keys = new Set(rules.flatMap((rule) => [...(withheld.get(rule) ?? [])]));
  return { failed: rules.filter((rule) => !withheld.has(rule)), ...(keys.size > 0 && { withheld: keys }) };
}

/** Numbers the distinct pairs of group and feature combination. */
function splitByFeatures(
  group: Uint32Array,
  groups: readonly CampaignGroup[],
  { features, codes, ofCustomer }: CustomerContexts,
): CampaignGroups {
  const seconds = features.length === 0 ? 1 : codes.length / features.length;
  const { rank, count, before } = rankPairs({ first: group, firsts: groups.length, second: ofCustomer, seconds });
  const context = new Uint32Array(count);
  for (let customer = 0; customer < rank.length; customer++) {
    if (rank[customer] !== notInCampaign) context[rank[customer]!] = ofCustomer[customer]!;
  }
  return { number: rank, groups, firstOf: before, context };
}

/** Position of each customer's combination of failed rules in `RuleCombinations.present`. Bytes suffice for up to eight rules. */
type CombinationNumbers = Uint8Array | Uint32Array;

/** Data of the customers for one campaign, as flat arrays with one element per customer. */
interface CampaignFacts {
  holds: Uint8Array;
  combination: CombinationNumbers;
  cluster: Int16Array | undefined;
  absent: Uint8Array | undefined;
}

/** Writes the group number of each customer in the campaign into `group`. */
function numberGroups(
  group: Uint32Array,
  { holds, combination, cluster: clusterOf, absent }: CampaignFacts,
  {
    member,
    target,
    clusters,
    groupsPerCluster,
  }: Record<'target' | 'clusters' | 'groupsPerCluster', number> & { member: boolean },
): void {
  for (let customer = 0; customer < group.length; customer++) {
    const isHolder = holds[customer]!;
    if ((!member && !isHolder) || absent?.[customer]) continue;
    const customerCluster = clusterOf ? clusterOf[customer]! : -1;
    const cluster = customerCluster < 0 ? clusters : customerCluster;
    group[customer] = cluster * groupsPerCluster + combination[customer]! * 2 + (isHolder === target ? 0 : 1);
  }
}

/** Combinations of failed rules. `present` has each combination that occurs, as a bit mask with one bit per rule, ascending. */
interface RuleCombinations {
  combination: CombinationNumbers;
  present: readonly number[];
}

/**
 * Cache of combinations, by the bank's results of rules and the positions of the rules. Most campaigns use the same rules, for fitting and for lists.
 */
const combinationsOf = new WeakMap<CustomerFacts['eligible'], Map<string, RuleCombinations>>();

function ruleCombinations(applied: readonly number[], facts: CustomerFacts): RuleCombinations {
  const byRules = combinationsOf.get(facts.eligible) ?? new Map<string, RuleCombinations>();
  combinationsOf.set(facts.eligible, byRules);
  const rules = applied.join(' ');
  const cached = byRules.get(rules);
  if (cached?.combination.length === facts.customers) return cached;
  const made = combineRules(applied, facts);
  byRules.set(rules, made);
  return made;
}

/**
 * Numbers the combinations of failed rules, adding one rule at a time. Combinations without customers are removed after each rule, so that tables
 * indexed by the number stay small.
 */
function combineRules(rules: readonly number[], { customers, eligible }: CustomerFacts): RuleCombinations {
  const combination = rules.length <= 8 ? new Uint8Array(customers) : new Uint32Array(customers);
  let present = [0];
  for (const [bit, rule] of rules.entries()) {
    const outcome = eligible[rule]!;
    const split = [...present, ...present.map((bits) => (bits | (1 << bit)) >>> 0)];
    const seen = new Uint8Array(split.length);
    addOutcome(combination, outcome, present.length, seen);
    const kept = Array.from(split.keys()).filter((number) => seen[number]);
    if (kept.length < split.length) {
      const rank = new Uint32Array(split.length);
      for (const [i, number] of kept.entries()) rank[number] = i;
      renumberGroups(combination, rank);
    }
    present = kept.map((number) => split[number]!);
  }
  return { combination, present: present.length > 0 ? present : [0] };
}

/**
 * Updates the combination number of each customer for one more rule: adds `before` if the customer fails the rule. `before` is the count of
 * combinations so far. Sets `seen` at each combination number that occurs.
 */
function addOutcome(combination: CombinationNumbers, outcome: Uint8Array, before: number, seen: Uint8Array): void {
  for (let customer = 0; customer < combination.length; customer++) {
    const number = combination[customer]! + (outcome[customer] === 1 ? 0 : before);
    combination[customer] = number;
    seen[number] = 1;
  }
}

function renumberGroups(combination: CombinationNumbers, rank: Uint32Array): void {
  for (let customer = 0; customer < combination.length; customer++) combination[customer] = rank[combination[customer]!]!;
}
