// A change of each key of docs/reference/config.md that a run of files may have.
import { kinds } from '@basketwise/core';
import { configJsonSchema } from '@basketwise/pipeline';
import { stringify } from 'yaml';
import { base, type Patch } from './key-bank.ts';

/** A change of a key, and what the config says besides before and after it. */
export interface KeyChange {
  key: string;
  change: Patch;
  given: Patch;
}

/** A config with changes; undefined removes a key. */
function merged(config: Patch, change: Patch): Patch {
  const isGroup = (value: unknown): value is Patch => typeof value === 'object' && value !== null && !Array.isArray(value);
  const entries = Object.entries(change).map(([key, value]): [string, unknown] => {
    const before = config[key];
    return [key, isGroup(value) && key !== 'model' && isGroup(before) ? merged(before, value) : value];
  });
  return Object.fromEntries(
    Object.entries({ ...config, ...Object.fromEntries(entries) }).filter(([, value]) => value !== undefined),
  );
}

/** The value at the end of a path of keys, with dots. */
function at(path: string, value: unknown): Patch {
  return path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Patch;
}

/** The key of the reference that a path is: names of the bank are NAME. */
function keyOf(path: string): string {
  return path
    .replace(/^(clusters|segments|features|campaigns)\.[^.]+/, '$1.NAME')
    .replace(/^(offers(\.experiment)?\.(capacity|campaigns))\.[^.]+\./, '$1.NAME.')
    .replace(/^(offers(\.experiment)?\.value\.(products|classes))\..*$/, '$1');
}

const changed = (path: string, value: unknown, given: Patch = {}): KeyChange => ({
  key: keyOf(path),
  change: at(path, value),
  given,
});

const ofModel = (kind: string, before: Patch, values: Patch): KeyChange[] =>
  Object.entries(values).map(([key, value]) => ({
    key: `${kind}: ${key}`,
    change: { model: { kind, ...before, [key]: value } },
    given: { model: { kind, ...before } },
  }));

const queried = (table: string, file: string, given: Patch = {}): KeyChange => ({
  ...changed(`tables.${table}`, { from: undefined, sql: `SELECT * FROM read_csv('${file}')` }, given),
  key: `tables.${table}.sql`,
});

/** Learned weights, which rank by features too. */
const learned: Patch = { model: { kind: 'automatic', sample: 100 } };
const withFeatures: Patch = {
  ...learned,
  features: { age: { column: 'age', bands: [40], fixed: true }, sex: { column: 'sex', fixed: true } },
};
const history: Patch = at('tables.customers.history', { from: 'states.csv', id: 'id', date: 'month' });
const changing: Patch = merged(merged(learned, history), { features: { age: { column: 'age', bands: [40] } } });
const experiment: Patch = at('offers.experiment', { name: 'dear', share: 0.4, salt: 'x', value: { others: 9 } });
const prototypes: Patch = at('clusters.age', { method: 'kprototypes', categorical: ['sex'] });

const noAge: Patch = { label: 'none', null: true };
const twoBands = (first: string, age: number): Patch[] => [
  { label: first, to: age },
  { label: 'old', from: age },
];
const threeBands = (age: number): Patch[] => [
  { label: 'young', to: age },
  { label: 'just', equals: age },
  { label: 'old', above: age },
];
const ofBand = (part: string, bands: readonly Patch[], given: Patch = {}): KeyChange => ({
  ...changed('segments.age.bands', bands, given),
  key: `segments.NAME.bands[].${part}`,
});

const tables: KeyChange[] = [
  changed('tables.customers.from', 'people.csv'),
  queried('customers', 'people.csv'),
  changed('tables.customers.id', 'other_id'),
  changed('tables.customers.since', 'joined'),
  changed('tables.customers.date_format', { joined: 'YYYY-MM-DD' }, at('tables.customers.since', 'joined')),
  changed('tables.customers.decimal_comma', ['balance']),
  changed('tables.customers.shared', ['balance']),
  { key: 'tables.customers.history', change: history, given: withFeatures },
  changed('tables.customers.history.from', 'later-states.csv', changing),
  queried('customers.history', 'later-states.csv', changing),
  changed('tables.customers.history.id', 'same_id', changing),
  changed('tables.customers.history.date', 'same_month', changing),
  changed('tables.customers.history.date_format', { month: 'YYYY-MM-DD' }, changing),
  changed('tables.customers.history.decimal_comma', ['balance'], changing),
  changed('tables.products.from', 'goods.csv'),
  changed('tables.products.date_format', { sale_end: 'YYYY-MM-DD' }),
  changed('tables.products.decimal_comma', ['worth'], at('offers.value', 'worth')),
  changed('tables.products.sale_start', 'other_end'),
  queried('products', 'goods.csv'),
  changed('tables.products.code', 'other_code', {
    tables: { contacts: undefined },
    offers: { contacts: undefined, never_together: undefined },
  }),
  {
    key: 'tables.products.name',
    change: { tables: { products: { name: 'other_name' } } },
    given: at('tables.holdings', { product: 'code', by: 'code' }),
  },
  {
    key: 'tables.products.class',
    change: {
      tables: { products: { class: 'other_class' } },
      campaigns: { up: { class: 'saving' }, cross: { class: 'cover', columns: ['saving', 'cover'] } },
    },
    given: {},
  },
  changed('tables.products.sale_end', 'other_end'),
  changed('tables.products.group', 'same_as'),
  changed('tables.holdings.from', 'more-holdings.csv'),
  changed('tables.holdings.date_format', { opened: 'YYYY-MM-DD' }),
  changed('tables.holdings.decimal_comma', ['amount']),
  queried('holdings', 'more-holdings.csv'),
  changed('tables.holdings.customer', 'other_customer'),
  changed('tables.holdings.product', 'other_code', at('tables.holdings', { product: 'code', by: 'code' })),
  { key: 'tables.holdings.by', change: at('tables.holdings', { product: 'code', by: 'code' }), given: {} },
  changed('tables.holdings.date', 'other_day'),
  changed('tables.holdings.closed', 'closed'),
  changed('tables.holdings.where', "state = 'A'"),
  { key: 'tables.contacts', change: at('tables.contacts', undefined), given: at('offers.contacts', undefined) },
  changed('tables.contacts.from', 'more-contacts.csv'),
  changed('tables.contacts.date_format', { day: 'YYYY-MM-DD' }),
  changed('tables.contacts.decimal_comma', ['cost']),
  queried('contacts', 'more-contacts.csv'),
  changed('tables.contacts.customer', 'other_customer'),
  changed('tables.contacts.what', 'other_what'),
  { key: 'tables.contacts.by', change: at('tables.contacts', { what: 'name', by: 'name' }), given: {} },
  changed('tables.contacts.when', 'other_day'),
  changed('tables.contacts.answer', 'other_answer'),
];

const customerKeys: KeyChange[] = [
  ...Object.entries({
    where: 'balance > 100',
    method: 'kprototypes',
    k: 2,
    seed: 1,
    starts: 3,
    start_sample: 40,
    fit_sample: 60,
    numeric: ['age', 'balance'],
    categorical: ['sex'],
    scale: 'standard',
    weights: { age: 3 },
    important: ['age'],
    iterations: 1,
  }).map(([key, value]) => changed(`clusters.age.${key}`, value)),
  changed('clusters.age.encoding', 'ordinal', at('clusters.age.categorical', ['sex'])),
  changed('clusters.age.gamma', 2, prototypes),
  changed('clusters.age.start', 'huang', prototypes),
  ...Object.entries({ from: 3, to: 5, choose: 'silhouette' }).map(([key, value]) =>
    changed(`clusters.age.k.${key}`, value, at('clusters.age.k', { from: 2, to: 4 })),
  ),
  changed('segments.age.column', 'balance'),
  changed('segments.age.bands', [noAge, { label: 'all', from: 0 }, { label: 'debt', to: 0 }]),
  ofBand('label', twoBands('youth', 40)),
  ofBand('null', [noAge, ...twoBands('young', 40)]),
  ofBand('equals', threeBands(41)),
  ofBand('from', twoBands('young', 55)),
  ofBand('above', threeBands(27), at('segments.age.bands', threeBands(41))),
  ofBand('to', twoBands('young', 30)),
  changed('segments.rich.flags', ['balance', 'is_old']),
  changed('segments.both.cross', ['age', 'rich']),
  { key: 'rules[].reason', change: { rules: [{ reason: 'REFUSED', require: "consent = 'Y'" }] }, given: {} },
  { key: 'rules[].class', change: { rules: [{ reason: 'NO_CONSENT', class: 'deposit', require: "consent = 'Y'" }] }, given: {} },
  {
    key: 'rules[].products',
    change: { rules: [{ reason: 'NO_CONSENT', products: ['D4'], require: "consent = 'Y'" }] },
    given: {},
  },
  { key: 'rules[].require', change: { rules: [{ reason: 'NO_CONSENT', require: "consent = 'Y' AND age > 30" }] }, given: {} },
  changed('consent.none', 'it is asked for elsewhere', { rules: [], consent: { none: 'all have agreed' } }),
  changed('features.age.column', 'balance', withFeatures),
  changed('features.age.bands', [30, 60], withFeatures),
  changed('features.age.fixed', undefined, withFeatures),
  changed('features.year.sql', 'year(:date) - age', withFeatures),
  changed('features.both.cross', ['age', 'sex'], withFeatures),
  { key: 'campaigns.NAME.kind', change: at('campaigns.up', { kind: 'cross' }), given: {} },
  { key: 'campaigns.NAME.class', change: at('campaigns.up', { class: 'insurance' }), given: {} },
  changed('campaigns.up.columns', ['deposit', 'insurance']),
  changed('campaigns.up.by_cluster', 'age'),
  changed('campaigns.cross.pooling', 'none', learned),
  changed('campaigns.up.train', 'all', at('campaigns.up.columns', ['deposit', 'insurance'])),
  changed('campaigns.up.model', { factors: 2 }),
];

/** Keys of a capacity besides `most`. */
const narrow: Patch = {
  least: 1,
  products: ['I1', 'D4'],
  classes: ['insurance'],
  campaigns: ['up'],
  segment: { age: 'young' },
  cluster: { age: 0 },
};

const offers: KeyChange[] = [
  changed('offers.value', 'worth', at('offers.value', 3)),
  changed('offers.unit', 'points'),
  changed('offers.value.products', { I1: 50 }),
  changed('offers.value.classes', { insurance: 20 }),
  changed('offers.value.others', 6, at('offers.value', { classes: { deposit: 9 } })),
  changed('offers.per_customer', 2),
  changed('offers.campaigns', { up: { per_customer: 1 } }, at('offers.per_customer', 3)),
  changed('offers.campaigns.up.per_customer', 2, merged(at('offers.campaigns.up.per_customer', 1), at('offers.per_customer', 3))),
  changed('offers.capacity', { deposits: { most: 5, classes: ['deposit'] } }),
  ...Object.entries({ most: 30, ...narrow }).map(([key, value]) => changed(`offers.capacity.all.${key}`, value)),
  { key: 'offers.contacts', change: at('offers.contacts', undefined), given: {} },
  {
    key: 'offers.contacts.answers',
    change: at('offers.contacts.answers', undefined),
    given: at('offers.contacts.rest', { offer: '10 days' }),
  },
  changed('offers.contacts.answers.refusal', ['YES'], at('offers.contacts.answers.purchase', [])),
  changed('offers.contacts.answers.purchase', ['OK']),
  { key: 'offers.contacts.rest', change: at('offers.contacts.rest', undefined), given: {} },
  ...Object.entries({ offer: '60 days', refusal: '1 year', purchase: '1 year', any: '20 days' }).map(([key, value]) =>
    changed(`offers.contacts.rest.${key}`, value),
  ),
  { key: 'offers.contacts.at_most', change: at('offers.contacts.at_most', undefined), given: {} },
  changed('offers.contacts.at_most.offers', 1),
  changed('offers.contacts.at_most.within', '10 days', at('offers.contacts.at_most.offers', 1)),
  changed('offers.never_together', []),
  { ...changed('offers.never_together', [{ products: ['I2', 'I3'] }]), key: 'offers.never_together[].products' },
  { ...changed('offers.never_together', [{ campaigns: ['up', 'cross'] }]), key: 'offers.never_together[].campaigns' },
  { key: 'offers.experiment', change: experiment, given: {} },
  ...Object.entries({ name: 'cheap', share: 0.5, salt: 'y', value: 12, per_customer: 2 }).map(([key, value]) =>
    changed(`offers.experiment.${key}`, value, experiment),
  ),
  changed(
    'offers.experiment.instead',
    { up: 'up-too' },
    merged(experiment, at('campaigns.up-too', { kind: 'upsell', class: 'deposit', train: 'all' })),
  ),
  changed('offers.experiment.value.products', { I1: 50 }, experiment),
  changed('offers.experiment.value.classes', { insurance: 20 }, experiment),
  changed('offers.experiment.value.others', 6, experiment),
  changed('offers.experiment.capacity', { all: { most: 9 } }, experiment),
  ...Object.entries({ most: 12, ...narrow }).map(([key, value]) =>
    changed(`offers.experiment.capacity.all.${key}`, value, merged(experiment, at('offers.experiment.capacity.all.most', 20))),
  ),
  { key: 'offers.control', change: at('offers.control', undefined), given: {} },
  changed('offers.control.share', 0.5),
  changed('offers.control.salt', 'autumn'),
];

const validation: Patch = { validation: { owner: 'sales', purpose: 'lists of products', tier: '2', protected: ['sex'] } };
const bounds: Patch = { psi: 0.2, psi_lists: 2, same_first: 0.5, realised: 0.6, calibration: 1.5, exposure: 0.7, weak_slices: 3 };
const validations: KeyChange[] = [
  ...Object.entries({
    owner: 'risk',
    purpose: 'other lists',
    tier: '1',
    reviewers: ['audit'],
    next_review: '2030-01-31',
    protected: [],
    statements: { developer: 'analytics' },
  }).map(([key, value]) => changed(`validation.${key}`, value, validation)),
  ...['column', 'bands'].map((key) => ({
    ...changed('validation.protected', [{ column: 'balance', bands: [100] }], validation),
    key: `validation.protected[].${key}`,
  })),
  ...Object.entries({ ...bounds, gain: 0, changed_lists: 0.5, lost_ndcg: 0.1 }).map(([key, value]) =>
    changed(`validation.bounds.${key}`, value, validation),
  ),
];

const others: KeyChange[] = [
  changed('top_n', 2),
  { key: 'derive', change: at('derive.is_old', 'age > 30'), given: at('segments.rich.flags', ['is_old']) },
  { key: 'model', change: { model: { kind: 'ease' } }, given: {} },
  changed('fallback', 'model'),
  changed('workers', 1),
  changed('calibrate', false, { offers: undefined, tables: { contacts: undefined } }),
  changed('source.memory', '1GB'),
  changed('source.time_zone', 'Asia/Seoul'),
  changed('source.path', 'elsewhere'),
  { key: 'source.encoding', change: { source: { path: 'wide', encoding: 'utf-16' } }, given: {} },
  ...['max_row_drop', 'max_unknown_products', 'max_unknown_customers', 'max_without_holdings_rise', 'max_share_change'].map(
    (key) => changed(`guards.${key}`, 0.99),
  ),
  changed('recency.bands', [{ within: '1 year', weight: 2 }, { within: '3 years', weight: 1.5 }, { weight: 1 }]),
  { ...changed('recency.bands', [{ within: '2 years', weight: 2 }, { weight: 1 }]), key: 'recency.bands[].within' },
  { ...changed('recency.bands', [{ within: '1 year', weight: 4 }, { weight: 1 }]), key: 'recency.bands[].weight' },
  ...Object.entries({ window: '1 year', gap: '2 months', windows: 2, at: [1, 2], bootstrap: 60, seed: 1 }).map(([key, value]) =>
    changed(`evaluate.${key}`, value),
  ),
  ...Object.entries({ search: 'random', trials: 5, reduction: 2, seed: 1, metric: 'ndcg@1', models: [{ kind: 'ease' }] }).map(
    ([key, value]) => changed(`tune.${key}`, value),
  ),
  changed('tune.parameters', { factors: [2, 3] }),
  ...Object.entries({ factors: [2], regularization: [2], alpha: [2], constant: [2], iterations: [2] }).map(([key, value]) =>
    changed(`tune.parameters.${key}`, value),
  ),
  changed('output.formats', ['parquet']),
  changed('output.csv', { bom: true, delimiter: ';' }),
  ...Object.entries({ bom: true, delimiter: ';', quote_text: true }).map(([key, value]) => changed(`output.csv.${key}`, value)),
  changed('output.parquet', { integer_ids: true }),
  changed('output.parquet.integer_ids', false, at('output.parquet.integer_ids', true)),
  changed('output.keep', 9999),
  changed('output.results', 'results.json'),
  changed('output.metrics', 'metrics.prom'),
  changed('output.lineage', { file: 'lineage.jsonl' }),
  changed('output.lineage.file', 'other.jsonl', at('output.lineage', { file: 'lineage.jsonl' })),
  changed('output.lineage.namespace', 'other', at('output.lineage', { file: 'lineage.jsonl' })),
  ...Object.entries({ level: 'debug', file: 'log.jsonl', max_size: '1MB', keep: 3 }).map(([key, value]) =>
    changed(`log.${key}`, value),
  ),
];

const member = { kind: 'ease', weight: 2 };
const blendOf = (first: Patch): Patch => ({ model: { kind: 'blend', members: [first, { kind: 'lookup-next', weight: 1 }] } });
const ofMember = (key: string, value: unknown): KeyChange => ({
  key: `Models: ${key}`,
  change: blendOf({ ...member, [key]: value }),
  given: blendOf(member),
});

const models: KeyChange[] = [
  ofMember('weight', 3),
  ofMember('scale', 'log'),
  ...ofModel(
    'als',
    { factors: 4, iterations: 3 },
    { factors: 3, regularization: 2, alpha: 5, constant: 2, iterations: 4, seed: 1, tolerance: 0.1, start: 'svd' },
  ),
  ...ofModel('ease', { regularization: 10 }, { regularization: 20, constant: 2 }),
  ...ofModel('item-knn', { neighbours: 3 }, { similarity: 'cosine', neighbours: 2 }),
  ...ofModel('lift', {}, { pairs: 'held', prior: 5, within: 6 }),
  ...ofModel(
    'bpr',
    { factors: 4, iterations: 3 },
    { factors: 3, regularization: 0.1, learning_rate: 0.1, constant: 2, iterations: 4, seed: 1 },
  ),
  ...ofModel('popularity', { of: 'recent' }, { of: 'upsell', by: 'recency', prior: 5, within: 6, per_time_on_sale: true }),
  ...ofModel('rules', { min_support: 0.02 }, { min_support: 0.1, longest: 2 }),
  ...ofModel('lookup', { prior: 3 }, { prior: 5, base: { kind: 'popularity' } }),
  ...ofModel('lookup-next', { prior: 3 }, { prior: 5, by_recency: false, within: 6, base: { kind: 'popularity' } }),
  ...ofModel('blend', { members: [member] }, { members: [{ kind: 'lift', weight: 1 }] }),
  ...ofModel('next-purchase', { sample: 100 }, { sample: 110, seed: 1, members: [member, { kind: 'lookup-next', weight: 1 }] }),
  ...ofModel('automatic', { sample: 100 }, { sample: 110, seed: 1 }),
];

const listed: readonly KeyChange[] = [...others, ...tables, ...customerKeys, ...offers, ...validations, ...models];

const schema = configJsonSchema() as KeySchema;
/** Engines with tables on a server, each with keys of its own. */
const servers = schema.properties!.source!.properties!.engine!.enum!.slice(1) as readonly string[];

/** Keys that no run of files has, and why. */
const keysOfNoFiles: Readonly<Record<string, string>> = {
  'source.engine': 'another engine is another bank',
  ...Object.fromEntries(
    servers.flatMap((name) => ['source', 'output'].map((part) => [`${part}.${name}`, `needs a server: test/${name}`])),
  ),
  release: 'publishes nothing without keys: test/e2e/cli/release.test.ts',
  'offers.rate': 'needs holdings without dates: undated.test.ts',
  'output.dir': 'the fresh runs have another one',
  'clusters.NAME.model': 'a run writes the file that the next one reads: model-files.test.ts',
};

/** Whether no run of files has a key. */
export function isOfNoFiles(key: string): boolean {
  return Object.keys(keysOfNoFiles).some((one) => key === one || key.startsWith(`${one}.`));
}

/** Parts of a JSON Schema by which another value of a key is found. */
interface KeySchema {
  type?: string;
  enum?: readonly unknown[];
  default?: unknown;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  required?: readonly string[];
  properties?: Readonly<Record<string, KeySchema>>;
  $defs?: Readonly<Record<string, KeySchema>>;
}

/** Another value than the default of a flag, a number or one of some words. Undefined for others, which need a change above. */
function otherValue({ type, enum: words, default: usual, ...limits }: KeySchema): unknown {
  if (words) return words.find((word) => word !== usual);
  if (type === 'boolean') return usual !== true;
  if (type !== 'integer' && type !== 'number') return undefined;
  const least = limits.minimum ?? limits.exclusiveMinimum ?? 0;
  const most = limits.maximum ?? least + 10;
  const middle = type === 'integer' ? Math.ceil((least + most) / 2) : (least + most) / 2;
  return middle === usual ? most : middle;
}

/** Keys of a section whose other value is found by the schema, with that value. Sections with required keys need changes above. */
function derivedValues({ properties = {} }: KeySchema, path = ''): [key: string, value: unknown][] {
  return Object.entries(properties).flatMap(([name, node]) => {
    const key = `${path}${name}`;
    if (node.properties) return node.required?.length ? [] : derivedValues(node, `${key}.`);
    const value = otherValue(node);
    return value === undefined ? [] : [[key, value] as [string, unknown]];
  });
}

/** Changes of the keys that are not listed above, so that a new flag, number or word needs no line here. */
function derivedChanges(): KeyChange[] {
  const ofKinds = kinds.flatMap(({ kind }) =>
    ofModel(kind, {}, Object.fromEntries(derivedValues({ properties: schema.$defs?.[kind]?.properties ?? {} }))),
  );
  const known = new Set(listed.map(({ key }) => key));
  const all = [...derivedValues(schema).map(([key, value]) => changed(key, value)), ...ofKinds];
  return all.filter(({ key }) => !known.has(key) && !isOfNoFiles(key));
}

/** A change of each key that a run of files may have. The date is last: its run is an earlier night for those after it. */
export const keyChanges: readonly KeyChange[] = [...listed, ...derivedChanges(), changed('reference_date', '2022-07-31')];

/** The config before a change, or after it, as text. */
export function configText({ change, given }: KeyChange, isAfter: boolean, dir: string): string {
  const config = merged(base, given);
  return stringify(merged(isAfter ? merged(config, change) : config, at('output.dir', dir)));
}
