import { type Cell, factTable, type Html, html, type Part, tableOf } from '@basketwise/page';
import { barChart } from '@basketwise/page/charts';
import { componentWords } from './model-words.ts';
import { statementText } from './statements.ts';
import type { ValidationFile } from './validation-file.ts';
import { groupedCount, testedWords, unproven } from './validation-text.ts';

const code = (text: string | null) => html`<code>${text ?? 'not known'}</code>`;
const command = (text: string) => code(`basketwise ${text}`);

/** Section on the model's entry in an inventory, with the statements of the bank. */
export function inventorySection(file: ValidationFile): Part[] {
  const { owner, purpose, tier, reviewers, nextReview, run, referenceDate, asOf, campaigns, ...hashes } = file.inventory;
  const words = testedWords(file);
  const facts = {
    ...{ purpose, owner, tier, reviewers: reviewers.join(', ') || 'none named', 'next review': nextReview ?? 'no day named' },
    ...{ campaigns: campaigns.join(', '), run, 'recommends as of': referenceDate, [words.asOf]: asOf },
    'probability of a list entry': file.probability === null ? 'none' : words.probability,
    ...{ program: code(hashes.program), config: code(hashes.config) },
    seeds: hashes.seeds.map(({ of: key, seed }) => `${key} ${seed}`).join(', '),
  };
  const note =
    'Texts of the section validation of the config, which no program checks. "Not stated": a validator asks for it, and the config does not say it.';
  const statements = hashes.statements.map((statement) => [statement.heading, statementText(statement)] as const);
  return [
    factTable('The model', ['fact', 'value'], facts),
    factTable('Statements of the bank', ['heading', 'statement'], statements, { note }),
  ];
}

/** Products that a rule withholds from customers: by code, of a class, or all. */
function withheldText({ class: productClass, products }: ValidationFile['data']['rules'][number]): string {
  if (products !== undefined) return `products ${products.join(', ')}`;
  return productClass === undefined ? 'all products' : `class ${productClass}`;
}

const reasonsText = (reasons: ValidationFile['models'][number]['unserved']) =>
  reasons.map(({ reason, customers }) => `${reason} ${groupedCount(customers)}`).join('; ') || 'none';

/** Section on data: sources, rows used and left out, features, rules of eligibility and warnings. */
export function dataSection({ data, models }: ValidationFile): Part[] {
  const { first, last, files, snapshot, warnings } = data;
  return [
    first === null ? 'Holdings have no dates.' : `Holdings opened from ${first} to ${last}.`,
    tableOf('Tables', data.tables, { table: 'table', from: 'from' }),
    factTable('Same hashes, same data', ['what', 'sha256'], { 'input files': code(files), 'tables as read': code(snapshot) }),
    tableOf(
      'Rows used and left out',
      data.counts,
      { table: 'table', rows: 'rows', number: 'count' },
      {
        note: 'Products of the same name, or group, count as one different product. A customer id that occurs twice ends a run.',
      },
    ),
    tableOf(
      'Products of the products table, by class',
      data.classes,
      {
        class: 'class',
        products: 'products',
        'recommended by': ({ campaigns }) => campaigns.join(', ') || 'left out: no campaign',
      },
      { note: 'A campaign recommends only products on sale: the section on models has their number.' },
    ),
    tableOf(
      'Customers with and without a list',
      models,
      {
        campaign: 'campaign',
        targets: 'targets',
        'with a list': 'served',
        'without a list, by the first reason': ({ unserved }) => reasonsText(unserved),
        'withheld by a rule, by rule': ({ withheld }) => reasonsText(withheld),
      },
      { note: 'One customer can fail several rules. Models learn from all customers used, also from those without a list.' },
    ),
    tableOf(
      'Features that models may rank by, besides holdings and their dates',
      data.features,
      { feature: 'name', from: ({ from }) => code(from), 'customers without a value': 'missing' },
      {
        note: 'A missing value is a level of its own, (unknown). A value that no rule of the config catches is used as it is.',
        none: 'Models rank only by holdings and their dates.',
      },
    ),
    tableOf(
      'Rules of eligibility',
      data.rules,
      {
        reason: 'reason',
        withheld: withheldText,
        'from customers who do not fulfil': ({ require }) => code(require),
        'names a protected column': ({ isProtected }) => (isProtected ? 'yes' : 'no'),
      },
      { none: 'No rule of eligibility.' },
    ),
    ...(warnings.length === 0
      ? [{ note: 'The run gave no warning.' }]
      : [{ heading: 'Warnings of the run' }, { list: warnings }]),
  ];
}

/** A campaign's model: customers and products, selection, components, effects. */
function modelParts({ campaign, components, earlier, clusters, effects, ...model }: ValidationFile['models'][number]): Part[] {
  const title = 'Weights of its components';
  const weights = components.map(({ name, weight }) => ({ label: name, value: weight }));
  return [
    { heading: campaign },
    html`<p><b>${model.kind}</b>: ${model.about}</p>`,
    { list: model.scope },
    'How it was chosen:',
    { list: model.selection },
    clusters === null ? null : `The model may differ by the cluster of a customer in the scheme ${clusters} (by_cluster).`,
    `Customers with a list: ${groupedCount(model.served)} of ${groupedCount(model.targets)} targets.`,
    components.length === 0 ? null : barChart(`${campaign}: weights of components`, 'weight', weights),
    tableOf(
      earlier.length === 0 ? title : `${title}, by run`,
      components,
      {
        component: 'name',
        'this run': 'weight',
        ...Object.fromEntries(earlier.map((past) => [past.run, ({ name }: { name: string }) => past.weights[name] ?? 'none'])),
      },
      { none: 'One model, without components.' },
    ),
    ...(effects.length === 0
      ? [{ note: 'Features of customers have no effect in this model: it has none, or they did not improve its fit.' }]
      : ['Largest effects of features on the choice between products:', { list: effects }]),
  ];
}

/** Section on models: each campaign's model, then the meaning of components and clusters. */
export function modelsSection({ models, clusters }: ValidationFile): Part[] {
  const names = new Set(models.flatMap(({ components }) => components.map(({ name }) => name)));
  const meanings = [...names].flatMap((name) =>
    componentWords[name] === undefined ? [] : [[name, componentWords[name]] as const],
  );
  return [
    ...models.flatMap(modelParts),
    factTable('Components', ['component', 'score of a product for a customer'], meanings, {
      note: 'Learned weights are of scores in standard deviations, so they can be compared. A component without data in a campaign keeps its prior weight in the table, and the model leaves it out.',
    }),
    tableOf(
      'Clusters by which models may differ',
      clusters,
      {
        cluster: ({ scheme, cluster }) => `${scheme}\u00a0${cluster}`,
        customers: 'customers',
        'differs most in (mean; all customers of the scheme)': ({ differs }) => differs.join('; ') || 'not known',
      },
      { note: 'A cluster is a group of similar customers, by the columns in the table of features.' },
    ),
  ];
}

/** Section on controls: how a run is released, stopped, made again and explained. */
export function controlSection({ inventory: { approvals, run, statements }, drift }: ValidationFile): Part[] {
  const stated = (heading: string): Cell =>
    statements.find((statement) => statement.heading.toLowerCase() === heading)?.text ?? 'not stated';
  const past = drift.map(({ against, referenceDate }) => `${against}, as of ${referenceDate}`).join('; ');
  const how: Record<string, Cell> = {
    release:
      approvals === null
        ? 'A run is published when it ends, without approvals.'
        : `A run is published after ${approvals === 1 ? '1 approval' : `${approvals} approvals`}, signed by keys that did not make it. Approvals sign this pack, too.`,
    stop:
      approvals === null
        ? html`${command('rollback RUN')} publishes an earlier run again.`
        : html`${command('stop --because TEXT --to RUN')} goes back to an earlier run, without ${code('--to')} to none. It blocks new lists until ${command('resume')}.`,
    'earlier runs to go back to': past || 'none yet: until there is one, a stop means that the bank does not use the lists',
    'figures beyond bounds': 'The command of this pack ends with exit code 76. It stops no run and no release by itself.',
    ...Object.fromEntries(['decision to stop', 'fallback', 'monitoring'].map((heading) => [heading, stated(heading)])),
    'make the lists again': html`${command(`archive ${run}`)} seals the run in one file, and ${command('verify FILE')} makes its bytes again.`,
    'list of one customer': html`${command('explain ID')}, or ${command('replay FILE --customer ID')} from an archive.`,
    'objection to marketing': 'A rule of eligibility: the customer gets no list. The rules are in the section on data.',
    'erasure of a customer': command('forget --customer ID'),
    persons: 'Basketwise contacts no customer. A person or another system decides on the use of a list.',
  };
  return [factTable('Control of the model', ['control', 'how'], how)];
}

/** Section on the checks of the run and of this pack. @param hash sha256 of validation.json */
export function checkSection({ checks, windows }: ValidationFile, hash: string): Part[] {
  const { files, differs, sameProgram, sameInputs, node, packages, resamples, seed } = checks;
  const inputs = sameInputs ? 'they have the hash of the run' : 'they have changed since the run';
  const results = {
    'files of the run':
      differs === null ? `all ${files} files have the hashes of their records` : `a file differs from its record: ${differs}`,
    'input files, when this pack was made': sameInputs === null ? 'not known' : inputs,
    'program of this pack': sameProgram ? 'it also made the run' : 'another one made the run',
    'figures of the test windows':
      windows.length === 0 ? 'none' : 'computed anew from the input files: the models of each window were fitted again',
    'lists of the run': html`read, and not made again: ${command('verify')} makes them again`,
    'seed of the intervals': `${seed}, with ${resamples} resamples`,
    version: `Basketwise ${packages}, Node ${node}`,
    'sha256 of validation.json': code(hash),
  };
  const note = 'The same files, program, version and seed make the same pack.';
  return [factTable('What this pack checked', ['what', 'result'], results, { note })];
}

/** Limits of the figures. */
export function limitTexts(file: ValidationFile): string[] {
  const words = testedWords(file);
  return [
    'Lists rank products by the probability of a purchase. They are no basis to grant, refuse or price a product.',
    `${words.limit} ${words.meaning}`,
    'A slice is weak, and a group is flagged, by a measure. Neither is a judgement of its cause.',
    'Intervals are 95 %. Recall by groups, shares of changed lists, parts of the Brier score, weights and effects have none.',
    ...unproven(file),
    'Not tried: lists with another seed, the model of an earlier run as a challenger, extreme values in columns, and holdings that a customer does not have.',
    'The pack is material for a review by people who did not build the model. It is no legal advice.',
  ];
}

/** Text on the features and clusters that models may use: columns that the config does not protect. */
export function featuresUsed({ data: { features }, calibration }: ValidationFile): Html {
  if (features.length === 0) return html`<p>No model uses features or clusters of customers.</p>`;
  const reported = calibration.some(({ by }) => by.startsWith('feature ')) ? ' The section on calibration reports by them.' : '';
  const named = features.map(({ name, from }, i) => html`${i === 0 ? '' : '; '}<b>${name}</b> (${from})`);
  return html`<p>Not protected by this config: the columns by which models may rank, ${named}.${reported}</p>`;
}
