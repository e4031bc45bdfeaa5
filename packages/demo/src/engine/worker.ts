import { AppError, type Core, daysSinceEpoch, openCore, stillOpen } from '@basketwise/core';
import type { CustomerLists } from '@basketwise/recommend';
import { countSharing, type DemoBank, type KnownBasket, readBaskets } from './bank.ts';
import { type CampaignAdvice, loadAdvice } from './campaign-advice.ts';
import { exampleHoldings, generatedCodes, generatedHoldings, unknownCodes } from './generated-holdings.ts';
import { type OwnBank, ownClasses, readOwn } from './own-bank.ts';
import { ownBankSummary, ownCustomer } from './own-summary.ts';
import type { TaskFailure, TaskName, TaskReply, TaskRequest, TaskStage, Tasks } from './protocol.ts';
import { readHoldings, textsOfProducts } from './read-holdings.ts';
import { recommendToCustomer } from './recommend.ts';
import { ownCsv, resultsCsv } from './results-csv.ts';
import { countFirst, type ScoredCustomers, scoreHoldings } from './score-holdings.ts';
import { seeBeside, seeHoldings } from './seen-file.ts';
import { PageError } from './table-file.ts';
import { trainOwn } from './train-own.ts';

/** State of the worker while a sample bank is open. The worker makes all computations of the page, one task at a time. */
interface Workplace {
  base: string;
  bank: DemoBank;
  /** Distinct baskets of the sample bank. They load in the background; only the counts of similar customers need them. */
  baskets: Promise<KnownBasket[]>;
  core: Core;
}

type OnProgress = (stage: TaskStage, share: number) => void;

let workplace: Workplace | undefined;
/** The user's own bank, read from dropped files, and its trained model. */
let ownBank: { bank: OwnBank; seconds: number; trained: { bank: CustomerLists; today: number } | null } | undefined;
const advices = new Map<string, Promise<CampaignAdvice>>();
let scored: { customers: ScoredCustomers; idOf: (customer: number) => string } | undefined;

async function fetchPart(base: string, file: string): Promise<Response> {
  const response = await fetch(new URL(file, base)).catch((cause) => {
    throw new PageError('noBank', { file }, { cause });
  });
  if (!response.ok) throw new PageError('noBank', { file });
  return response;
}

function opened(): Workplace {
  if (!workplace) throw new AppError('bug', 'the bank is not open', 'Reload the page.');
  return workplace;
}

function loadedBank(): NonNullable<typeof ownBank> {
  if (!ownBank) throw new AppError('bug', 'no bank was read', 'Choose a file of holdings first.');
  return ownBank;
}

function adviceOf(name: string): Promise<CampaignAdvice> {
  const cached = advices.get(name);
  if (cached) return cached;
  const { base, bank, core } = opened();
  const campaign = bank.campaigns.find((one) => one.name === name)!;
  const loading = loadAdvice(core, campaign, async (file) => (await fetchPart(base, file)).arrayBuffer());
  advices.set(name, loading);
  loading.catch(() => advices.delete(name));
  return loading;
}

const tasks: { [Name in TaskName]: (input: Tasks[Name]['input'], progress: OnProgress) => Promise<Tasks[Name]['output']> } = {
  async open({ base }) {
    import('apache-arrow').catch(() => undefined); // Starts loading the module early, because model files need it.
    const [bank, core] = await Promise.all([
      fetchPart(base, 'bank.json').then((response) => response.json() as Promise<DemoBank>),
      openCore(),
    ]);
    const baskets = fetchPart(base, bank.baskets)
      .then((response) => response.text())
      .then((text) => readBaskets(text, bank.products));
    baskets.catch(() => undefined); // Prevents an unhandled rejection. Tasks that await `baskets` get the error.
    workplace = { base, bank, baskets, core };
    return bank;
  },

  async recommend({ campaign, ...request }) {
    const { bank, core, baskets } = opened();
    const list = await recommendToCustomer(core.pool, bank, await adviceOf(campaign), request);
    return { list, sharing: countSharing(await baskets, request.holdings) };
  },

  async score({ campaign, cluster, n, source }, progress) {
    const { bank, core } = opened();
    scored = undefined;
    const advice = await adviceOf(campaign);
    const read = 'file' in source ? await readHoldings(source, bank, (share) => progress('read', share)) : null;
    const [customers, holdings] =
      'file' in source ? [read!.ids.length, [read!.columns]] : [source.generate, generatedHoldings(bank, source.generate)];
    const codes = () => (read ? unknownCodes(bank, customers) : generatedCodes(bank, customers));
    const result = await scoreHoldings(core.pool, { bank, advice, cluster, n, customers, holdings, codes, onProgress: progress });
    if (result.targets === 0) throw new PageError('noTarget', { campaign });
    scored = { customers: result, idOf: (customer) => read?.ids[customer] ?? generatedId(bank, customer) };
    const { targets, baskets, milliseconds } = result;
    const left = read && { rows: read.rows, leftOut: read.leftOut, unknownProducts: read.unknownProducts };
    const first = countFirst(result).slice(0, 8);
    return { customers, targets, holdings: result.holdings, baskets, first, milliseconds, threads: core.pool.size, read: left };
  },

  async download() {
    if (!scored) throw new AppError('bug', 'nothing is scored', 'Score something first.');
    return resultsCsv(scored.customers, opened().bank, scored.idOf);
  },

  see(request) {
    if (request.as === 'products' || request.as === 'customers') return seeBeside(request.file, request.as, request.holdings);
    return seeHoldings(request.file, request.as === 'sample' ? textsOfProducts(opened().bank) : null);
  },

  example: async ({ dated, names }) => exampleHoldings(opened().bank, dated, names),

  async read(files, progress) {
    ownBank = undefined;
    const began = performance.now();
    const bank = await readOwn(files, (share) => progress('read', share));
    ownBank = { bank, seconds: (performance.now() - began) / 1000, trained: null };
    return { customers: bank.ids.length, classes: ownClasses(bank), lastDate: bank.lastDate };
  },

  async train({ campaign, date }, onProgress) {
    const { core } = opened();
    const loaded = loadedBank();
    loaded.trained = null;
    const began = performance.now();
    const trained = await trainOwn(core.pool, { bank: loaded.bank, campaign, date, onProgress });
    loaded.trained = { bank: trained, today: date === null ? stillOpen - 1 : daysSinceEpoch(date) };
    const seconds = { read: loaded.seconds, train: (performance.now() - began) / 1000 };
    return ownBankSummary(loaded.bank, trained, { date, seconds, threads: core.pool.size });
  },

  async customer(wanted) {
    const { bank, trained } = loadedBank();
    if (!trained) throw new AppError('bug', 'nothing is trained', 'Train first.');
    const customer = 'id' in wanted ? bank.ids.indexOf(wanted.id) : wanted.customer;
    return customer >= 0 && customer < bank.ids.length ? ownCustomer(bank, trained.bank, customer, trained.today) : null;
  },

  async downloadOwn() {
    const { bank, trained } = loadedBank();
    if (!trained) throw new AppError('bug', 'nothing is trained', 'Train first.');
    return ownCsv(bank, trained.bank);
  },
};

/** Id of a generated customer. Ids continue after those of the sample bank's customers. */
function generatedId(bank: DemoBank, customer: number): string {
  return String(bank.customers + customer + 1).padStart(10, '0');
}

function taskFailure(error: unknown): TaskFailure {
  if (error instanceof PageError) return { key: error.key, values: error.values, message: error.message, hint: '' };
  if (error instanceof AppError) return { key: null, values: {}, message: error.message, hint: error.hint };
  return { key: null, values: {}, message: error instanceof Error ? error.message : String(error), hint: '' };
}

async function answer<Name extends TaskName>({ id, name, input }: TaskRequest<Name>): Promise<void> {
  const reply = (message: TaskReply) => globalThis.postMessage(message);
  try {
    reply({
      id,
      type: 'done',
      output: await tasks[name](input, (stage, share) => reply({ id, type: 'progress', stage, share })),
    });
  } catch (error) {
    reply({ id, type: 'failed', failure: taskFailure(error) });
  }
}

let lastTask = Promise.resolve();
globalThis.onmessage = ({ data }: MessageEvent<TaskRequest>) => {
  lastTask = lastTask.then(() => answer(data));
};
