import { type Csr, type KernelPool, type Product, required } from '@basketwise/core';
import {
  type CampaignTable,
  type CodedFeature,
  contextsOf,
  ranksByFeatures,
  type ScoredCampaign,
  scoreCampaign,
  withBaskets,
  withCrossings,
} from '@basketwise/recommend';
import type { DemoBank } from './bank.ts';
import type { CampaignAdvice } from './campaign-advice.ts';

/** Customers to score with a campaign's models, with the data that the models need. */
export interface AdvisedCustomers {
  /** Holdings of the customers. Products are numbered by their positions in the bank's products. */
  csr: Csr;
  /** Flag of each customer, u8[customers]: 1 if the customer holds a product of the campaign's class. */
  holders: Uint8Array;
  /** Level of each customer, i16[customers] by feature name, for all features except crossings. */
  codes: ReadonlyMap<string, Int16Array>;
  /** Cluster of all these customers. Null: unknown. */
  cluster: number | null;
  /** Maximum length of the lists. */
  n: number;
  onlyOnSale: boolean;
}

/** Makes the lists of a campaign with the functions of the batch job. `use` is called with the lists while the baskets are in kernel memory. */
export function scoreCustomers<T>(
  pool: KernelPool,
  bank: DemoBank,
  { campaign, models, places }: CampaignAdvice,
  { csr, holders, codes, cluster, n, onlyOnSale }: AdvisedCustomers,
  use: (scored: ScoredCampaign, table: CampaignTable) => T,
): Promise<T> {
  const { customers } = csr;
  const { scheme } = campaign;
  const clusters = new Int16Array(scheme === null ? 0 : customers).fill(cluster ?? -1);
  const count = scheme === null ? 0 : bank.clusters[scheme]!.length;
  const data = {
    ...{ customers, csr, eligible: [], products: jobProducts(bank, onlyOnSale), holds: new Map([[campaign.class, holders]]) },
    clusters: new Map(scheme === null ? [] : [[scheme, { clusters, count }]]),
    ...(ranksByFeatures(models) && { contexts: contextsBy(bank.features, codes, customers) }),
  };
  const popularity = {
    ranked(keys: Iterable<string>) {
      const wanted = new Set(keys);
      return bank.popular.filter(({ key }) => wanted.has(key));
    },
  };
  return withBaskets(pool, data, campaign, async (table) => {
    const tools = { pool, topN: n, fallback: undefined, rules: [], places };
    return use(await scoreCampaign(tools, { popularity }, table, models, campaign.calibration), table);
  });
}

/** Products in the batch job's form. Each product is an equivalence group of its own. */
function jobProducts({ products }: DemoBank, onlyOnSale: boolean): Product[] {
  return products.map(({ key, name, class: className, onSale }, product) => {
    const representative = onSale || !onlyOnSale ? product : null;
    return { product, code: key, name, class: className, groupKey: key, onSale, representative };
  });
}

function contextsBy(features: readonly CodedFeature[], codes: AdvisedCustomers['codes'], customers: number) {
  const all = withCrossings(features, codes);
  return contextsOf(
    features,
    features.map(({ name }) => required(all, name)),
    customers,
  );
}
