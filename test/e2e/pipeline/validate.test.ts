// A pack of a small bank with two runs.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Validation, validationJsonSchema } from '@basketwise/audit';
import { appendEntry, sealedText } from '@basketwise/pipeline';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { longTest } from '../../cases.ts';
import { basketwise, smallBank, writeBank } from './small-bank.ts';

const sexOf = (i: number) => (i % 50 === 49 ? '' : i % 3 === 0 ? 'F' : 'M');
const { customers, config, ...bank } = smallBank(500);
const people = customers
  .trimEnd()
  .split('\n')
  .map((line, i) => `${line},${i === 0 ? 'sex' : sexOf(i)}${i === 0 ? ',city' : i < 7 ? ',tiny' : ',large'}`);
const validation = `validation:
  owner: sales
  purpose: lists of products
  tier: '2'
  statements: { lawyer: none asked, Users: advisers of <branches> }
  protected: [sex, city, { column: age, bands: [30, 60] }]
`;
const evaluation = 'evaluate: { bootstrap: 200, window: 6 months }\n';
/** Rule of one product, which all customers pass. */
const productRule = '  - { reason: TOO_OLD, products: [I2], require: "age < 100" }\n';

/** Questions of a validator's checklist, with the place of the answer in the page. */
const checklist: readonly [question: string, answer: RegExp][] = [
  ['What is the model for?', /purpose<\/td><td>lists of products/],
  ['Who owns it?', /owner<\/td><td>sales/],
  ['How material is it?', /tier<\/td><td>2/],
  ['Who reviews it?', /reviewers<\/td>/],
  ['Which version was tested?', /program<\/td><td><code>[0-9a-f]{64}/],
  ['Which data was used?', /<caption>Tables<\/caption>/],
  ['Of which period is it?', /Holdings opened from \d{4}/],
  ['What was left out, and why?', /left out: /],
  ['Who may get a list?', /NO_CONSENT/],
  ['Which products are not for all?', /TOO_OLD<\/td><td>products I2<\/td>/],
  ['Who gets one?', /Customers with a list: [\d,]+ of [\d,]+ targets/],
  ['Which facts about customers does it use?', /Models rank only by holdings/],
  ['Which limits are set, and what do they judge?', /<caption>Bounds of the config<\/caption>/],
  ['How are lists taken back?', /basketwise rollback RUN/],
  ['Who releases a run?', /A run is published when it ends, without approvals/],
  ['Can its lists be made again?', /basketwise archive 20/],
  ['Can one list be explained, and one customer erased?', /basketwise explain ID.*basketwise forget --customer ID/s],
  ['What must it not be used for?', /no basis to grant, refuse or price/],
  ['What kind of model is it?', /<b>als<\/b>: Matrix factorization/],
  ['How is it tested out of time?', /trained as of 20/],
  ['Is it better than something simpler?', /challengers on the same customers/],
  ['Do probabilities come true?', /Campaigns: purchases \/ expected/],
  ['For which customers not?', /by products held/],
  ['Which groups are much worse?', /<h2 id="slices">/],
  ['Does a small error in the data matter?', /lose a random holding/],
  ['Are protected groups served alike?', /sex in deposit-upsell/],
  ['What changed since earlier runs?', /Shift of variables/],
  ['When is it reviewed?', /Beyond bounds/],
  ['What does the pack not say?', /<h2 id="limits">/],
  ['What do its terms mean?', /<h2 id="reading">.*<td>NDCG@3<\/td>/s],
  ['When is a figure beyond a bound?', /same_first<\/td><td[^>]*>1<\/td><td>the share of customers .* is below the limit/],
  ['Did the model learn from the purchases that test it?', /windows?\. .*purchases of the window are not used/s],
  ['Who works with the lists?', /Users<\/td><td>advisers of &lt;branches&gt;/],
  ['What does the bank not state?', /developer<\/td><td>not stated/],
  ['Which customers is a campaign for?', /customers who hold a product of the class deposit \(up-sell\)/],
  ['How was the model chosen?', /The config names the model als and its parameters/],
  ['What did the run find in its own test?', /Verdict of the run on past windows: \w+/],
  ['How many customers does a rule withhold?', /NO_CONSENT \d+/],
  ['Which products does no campaign recommend?', /<caption>Products of the products table, by class/],
  ['What does it assume, and was that tested?', /<h2 id="assumptions">/],
  ['Is a calibration figure good or bad?', /<th scope="col">verdict/],
  ['What was it made with?', /version<\/td><td>Basketwise [\d.]+, Node v\d+/],
  ['Is it the same half a year later?', /Lists of customers with one on 20\d\d-\d\d-\d\d and in the run/],
  ['Do wrong inputs matter?', /<td>a lost product<\/td>/],
  ['Were the files of the run checked?', /all \d+ files have the hashes of their records/],
  ['Which features are not protected?', /No model uses features or clusters of customers/],
];

type Evaluated = { models: { name: string; metrics: Record<string, number> }[] };

let folder: string;
let remove: () => Promise<void>;
const out = (name: string) => join(folder, 'out', name);

beforeAll(async () => {
  ({ folder, remove } = await writeBank({
    ...bank,
    customers: `${people.join('\n')}\n`,
    config: `${config.replace('campaigns:\n', `${productRule}campaigns:\n`)}${evaluation}${validation}  bounds: { gain: -1, exposure: 0.01, same_first: 1 }\n`,
  }));
  for (const date of ['2022-07-31', '2022-08-31'])
    expect(await basketwise(folder, 'run', '--reference-date', date)).toMatchObject({ exitCode: 0 });
});
afterAll(() => remove());

test('validate writes a pack that fits its schema, names figures beyond bounds, without small numbers of customers', async () => {
  const found = await basketwise(folder, 'validate', '--json');
  expect([found.exitCode, found.stderr]).toEqual([76, expect.stringContaining('validate: ')]);
  const { page, card, ...pack } = JSON.parse(found.stdout) as Validation;
  const written = await readFile(out('validation.json'), 'utf8');
  expect(JSON.parse(written)).toEqual(pack);
  expect(await readFile(out(`runs/${pack.inventory.run}/validation.json`), 'utf8')).toBe(written);
  expect((await readdir(out('.'))).filter((name) => name.startsWith('evaluation'))).toEqual([]);
  const isValid = new Ajv2020({ strict: false }).compile(validationJsonSchema());
  expect([isValid(pack), isValid.errors]).toEqual([true, null]);
  expect(pack.inventory.statements.slice(0, 3)).toEqual([
    { heading: 'lawyer', text: 'none asked' },
    { heading: 'Users', text: 'advisers of <branches>' },
    { heading: 'meaning of the tier', text: null },
  ]);
  expect(pack.inventory.statements.map(({ heading }) => heading)).not.toContain('users');
  expect(pack.inventory).toMatchObject({ owner: 'sales', referenceDate: '2022-08-31', asOf: '2022-08-31' });
  expect([pack.length, pack.data.first, pack.missing]).toEqual([3, expect.stringMatching(/^\d{4}-\d{2}$/), []]);
  expect(pack.data.rules).toEqual([
    { reason: 'NO_CONSENT', require: "consent = 'Y'", isProtected: false },
    { reason: 'TOO_OLD', products: ['I2'], require: 'age < 100', isProtected: true },
  ]);
  expect(pack.models.map(({ campaign }) => campaign)).toEqual(['deposit-upsell', 'insurance-cross']);
  const codes = pack.calibration.filter(({ by }) => by === 'product').flatMap(({ groups }) => groups.map(({ label }) => label));
  expect(Object.keys(pack.products).sort()).toEqual([...new Set(codes)].filter((code) => code !== 'other products').sort());
  expect(pack.drift.map(({ referenceDate, lists }) => [referenceDate, lists.length])).toEqual([['2022-07-31', 2]]);
  expect(new Set(pack.calibration.map(({ by }) => by))).toEqual(
    new Set([
      'all',
      'tenth',
      'product',
      'window',
      'history',
      'products held',
      'protected sex',
      'protected city',
      'protected age',
    ]),
  );
  expect(pack.windows.length).toBeGreaterThan(1);
  expect(pack.quality.map(({ windows }) => windows.length)).toEqual(pack.quality.map(() => pack.windows.length));
  expect([pack.since!.at, pack.since!.lists.length]).toEqual([pack.windows[0]!.at, 2]);
  expect(pack.losses.map(({ campaign, change }) => [campaign, change])).toContainEqual(['deposit-upsell', 'a lost product']);
  expect(pack.checks).toMatchObject({ differs: null, sameProgram: true, sameInputs: true, node: process.version });
  const sexes = pack.exposure.find(({ column, campaign }) => column === 'sex' && campaign === 'deposit-upsell')!;
  expect(sexes.groups.map(({ group, customers: number }) => [group, number])).toEqual([
    ['M', 320],
    ['F', 160],
    ['missing', 10],
  ]);
  expect(pack.exposure.filter(({ column }) => column === 'city').every(({ small }) => small === 1)).toBe(true);
  expect(written).not.toContain('tiny');
  for (const [, number] of written.matchAll(/"(?:customers|served|bought|expected|tested)": (\d+)/g))
    expect([number, Number(number) === 0 || Number(number) >= 10]).toEqual([number, true]);
  const html = await readFile(page, 'utf8');
  expect(checklist.flatMap(([question, answer]) => (answer.test(html) ? [] : [question]))).toEqual([]);
  expect(html).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  expect(await readFile(card, 'utf8')).toContain('# Model card');
  expect(pack.triggers.map(({ bound }) => bound)).toEqual(['same_first', 'same_first']);
  expect(pack.bounds).toContainEqual({ bound: 'same_first', limit: 1, figures: 2, beyond: 2 });
  expect(pack.bounds.map(({ bound }) => bound)).toEqual(['same_first', 'exposure', 'gain']);
});

test('without validation, or a run up to the date, the command says what to do', async () => {
  const text = await readFile(join(folder, 'basketwise.yaml'), 'utf8');
  await writeFile(join(folder, 'without.yaml'), text.slice(0, text.indexOf('validation:')));
  const none = await basketwise(folder, 'validate', '--config', 'without.yaml');
  expect([none.exitCode, none.stderr]).toEqual([78, expect.stringContaining('validation: required, and missing')]);
  const noDay = await basketwise(folder, 'validate', '--as-of', '2022-99-01');
  expect([noDay.exitCode, noDay.stderr]).toEqual([64, expect.stringContaining('--as-of 2022-99-01: no such day')]);
  const early = await basketwise(folder, 'validate', '--as-of', '2022-07-01');
  expect([early.exitCode, early.stderr]).toEqual([66, expect.stringContaining('there is no run up to 2022-07-01')]);
});

longTest('a pack of the same run is the same, and the text names figures beyond bounds', async () => {
  const before = await readFile(out('validation.json'), 'utf8');
  const { exitCode, stdout } = await basketwise(folder, 'validate');
  expect([exitCode, stdout]).toEqual([76, expect.stringContaining('validation.bounds.same_first is 1')]);
  expect(await readFile(out('validation.json'), 'utf8')).toBe(before);
});

longTest('a named run is validated; a published run stays with the pack that was approved', async () => {
  const [first, last] = (await readdir(out('runs'))).sort();
  const later = await basketwise(folder, 'validate', first!, '--against', last!);
  expect([later.exitCode, later.stderr]).toEqual([64, expect.stringContaining('its reference date is 2022-08-31')]);
  const named = JSON.parse((await basketwise(folder, 'validate', first!, '--json')).stdout) as Validation;
  expect([named.inventory.run, named.inventory.asOf, named.drift]).toEqual([first, '2022-07-31', []]);
  expect(JSON.parse(await readFile(out(`runs/${first}/validation.json`), 'utf8')).inventory.run).toBe(first);
});

longTest(
  'verify finds a changed pack in a run folder; if it was signed, also one with a new seal, and one that is missing',
  async () => {
    const [first] = (await readdir(out('runs'))).sort();
    const path = out(`runs/${first}/validation.json`);
    const verify = () => basketwise(folder, 'verify', first!, '--hashes');
    const hashOf = async (file: string) =>
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex');
    const text = await readFile(path, 'utf8');
    expect(await verify()).toMatchObject({ exitCode: 0, stdout: expect.not.stringContaining('in no record') });
    const changed = text.replace('"sales"', '"Sales"');
    await writeFile(path, changed);
    expect(await verify()).toMatchObject({ exitCode: 65, stderr: expect.stringContaining('validation.json is damaged') });
    const { seal: _, ...document } = JSON.parse(changed) as Validation;
    await writeFile(path, sealedText(document));
    expect((await verify()).exitCode).toBe(0);
    await writeFile(path, text);
    const published = await readFile(out('published.json'));
    const files = { 'manifest.json': await hashOf(out(`runs/${first}/manifest.json`)), 'validation.json': await hashOf(path) };
    await appendEntry(out('.'), { who: 'anna', what: 'approve', run: first!, files });
    expect((await verify()).exitCode).toBe(0);
    await writeFile(path, sealedText(document));
    expect(await verify()).toMatchObject({ exitCode: 65, stderr: expect.stringContaining('is not the one that anna signed') });
    await rm(path);
    expect(await verify()).toMatchObject({ exitCode: 65, stderr: expect.stringContaining('validation.json is missing') });
    await writeFile(path, text);
    for (const name of ['journal.jsonl', 'journal-head.json']) await rm(out(name));
    await writeFile(out('published.json'), published);
  },
);

longTest('a pack is not put into the folder of a run that a key has signed', async () => {
  const [first] = (await readdir(out('runs'))).sort();
  const published = await readFile(out('published.json'));
  await rm(out(`runs/${first}/validation.json`));
  const manifest = createHash('sha256')
    .update(await readFile(out(`runs/${first}/manifest.json`)))
    .digest('hex');
  await appendEntry(out('.'), { who: 'anna', what: 'approve', run: first!, files: { 'manifest.json': manifest } });
  const found = JSON.parse((await basketwise(folder, 'validate', first!, '--json')).stdout) as Validation;
  expect(found.unsignable).toBe(`run ${first} is signed: \`approve\` by anna`);
  expect(existsSync(out(`runs/${first}/validation.json`))).toBe(false);
  // a stop voids the approval: the next one signs the new pack
  await appendEntry(out('.'), { who: 'user:operator', what: 'stop' });
  expect(JSON.parse((await basketwise(folder, 'validate', first!, '--json')).stdout)).not.toHaveProperty('unsignable');
  expect(existsSync(out(`runs/${first}/validation.json`))).toBe(true);
  await appendEntry(out('.'), { who: 'anna', what: 'reject', run: first!, files: { 'manifest.json': manifest } });
  await appendEntry(out('.'), { who: 'user:operator', what: 'stop' });
  const rejected = JSON.parse((await basketwise(folder, 'validate', first!, '--json')).stdout) as Validation;
  expect(rejected.unsignable).toBe(`run ${first} is signed: \`reject\` by anna`);
  // a damaged journal ends the command before it writes
  await rm(out('journal-head.json'));
  const page = await readFile(out('validation.html'));
  await rm(out('validation.html'));
  expect((await basketwise(folder, 'validate', first!)).exitCode).toBe(65);
  expect(existsSync(out('validation.html'))).toBe(false);
  await writeFile(out('validation.html'), page);
  await rm(out('journal.jsonl'));
  await writeFile(out('published.json'), published);
});

longTest(
  'the models of the run are tested, not those of a changed config; figures are those of evaluate at the length of lists',
  async () => {
    const last = (await readdir(out('runs'))).sort().at(-1)!;
    const before = await readFile(out(`runs/${last}/validation.json`), 'utf8');
    const text = await readFile(join(folder, 'basketwise.yaml'), 'utf8');
    const present = 'features: { city: { sql: "id" } }\nevaluate: { bootstrap: 100, window: 1 month, gap: 1 month, seed: 9 }\n';
    const other = text
      .replace('owner: sales', 'owner: risk')
      .replace('factors: 4', 'factors: 2')
      .replace('top_n: 3', 'top_n: 2')
      .replace(evaluation, present);
    expect(other).toContain(present);
    await writeFile(join(folder, 'other.yaml'), other);
    const found = JSON.parse((await basketwise(folder, 'validate', '--config', 'other.yaml', '--json')).stdout) as Validation;
    const { inventory, seal: _, ...pack } = JSON.parse(before) as Validation;
    expect(found).toMatchObject({ ...pack, inventory: { ...inventory, owner: 'risk' } });
    expect(await readFile(out(`runs/${last}/validation.json`), 'utf8')).toBe(before);
    const windows = evaluation.replace('}', `windows: ${pack.windows.length} }`).replace('months ', 'months, ');
    await writeFile(join(folder, 'windows.yaml'), text.replace(evaluation, windows));
    expect(await basketwise(folder, 'evaluate', '--config', 'windows.yaml')).toMatchObject({ exitCode: 0 });
    const { campaigns }: { campaigns: Evaluated[] } = JSON.parse(await readFile(out('evaluation.json'), 'utf8'));
    const own = campaigns.map(({ models }) => models.find(({ name }) => name === 'model of the config')!.metrics['ndcg@3']!);
    expect(pack.quality.map(({ ndcg }) => ndcg)).toEqual(own.map((value) => Number(value.toFixed(4))));
  },
);

longTest('a pack says that tables have changed since the run, and that the day of the next review is over', async () => {
  const path = join(folder, 'customers.csv');
  const before = await readFile(path, 'utf8');
  await writeFile(path, before.replace('large', 'Large'));
  const text = await readFile(join(folder, 'basketwise.yaml'), 'utf8');
  const reviewed = text.replace(/ {2}bounds: .*/, '  next_review: 2022-08-30');
  await writeFile(join(folder, 'reviewed.yaml'), reviewed);
  const { exitCode, stdout } = await basketwise(folder, 'validate', '--config', 'reviewed.yaml', '--json');
  await writeFile(path, before);
  const found = JSON.parse(stdout) as Validation;
  expect(found.missing).toEqual([expect.stringMatching(/^Tables: they have changed since the run/)]);
  const where = `run ${found.inventory.run}`;
  expect(found.triggers).toEqual([{ bound: 'next_review', limit: '2022-08-30', found: '2022-08-31', where }]);
  const card = await readFile(out('validation-card.md'), 'utf8');
  expect([exitCode, card]).toEqual([76, expect.stringContaining('validation.next_review was 2022-08-30')]);
});
