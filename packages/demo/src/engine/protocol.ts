import type { DemoBank, Sharing } from './bank.ts';
import type { OwnFiles } from './own-bank.ts';
import type { OwnCustomer, OwnSummary } from './own-summary.ts';
import type { ReadHoldings } from './read-holdings.ts';
import type { CustomerRecommendation, RecommendRequest } from './recommend.ts';
import type { ScoreStage } from './score-holdings.ts';
import type { ChosenColumns, SeenFile } from './seen-file.ts';
import type { ProblemKey } from './table-file.ts';
import type { OwnCampaign, TrainStage } from './train-own.ts';

/** Tasks of the worker, with their inputs and outputs. */
export interface Tasks {
  open: { input: { base: string }; output: DemoBank };
  recommend: {
    input: RecommendRequest & { campaign: string };
    output: { list: CustomerRecommendation[]; sharing: Sharing };
  };
  score: {
    input: { campaign: string; cluster: number | null; n: number; source: ChosenColumns | { generate: number } };
    output: ScoreSummary;
  };
  download: { input: Record<string, never>; output: Blob };
  see: { input: SeeRequest; output: SeenFile };
  example: { input: { dated: boolean; names: 'name' | 'english' }; output: File };
  read: { input: OwnFiles; output: OwnFacts };
  train: { input: { campaign: OwnCampaign; date: string | null }; output: OwnSummary };
  customer: { input: { customer: number } | { id: string }; output: OwnCustomer | null };
  downloadOwn: { input: Record<string, never>; output: Blob };
}

/**
 * Request to inspect a file. `holdings`: holdings of a bank. `sample`: holdings of the sample bank's products. `products`, `customers`: file that
 * belongs to a given file of holdings.
 */
type SeeRequest =
  | { file: File; as: 'holdings' | 'sample' }
  | { file: File; as: 'products' | 'customers'; holdings: ChosenColumns };

/** Facts about the user's own bank, read from dropped files. */
export interface OwnFacts {
  customers: number;
  /** Classes of the products in holdings, by falling number of holdings. Empty if the products have no classes. */
  classes: readonly string[];
  /** Latest day of the holdings, YYYY-MM-DD. Null if holdings have no dates. */
  lastDate: string | null;
}

/** Current stage of a long task. */
export type TaskStage = ScoreStage | TrainStage;

/** Result of scoring many customers. */
export interface ScoreSummary {
  customers: number;
  targets: number;
  holdings: number;
  baskets: number;
  /** Products that most often start a list, with their numbers of customers. `product` is the position in the bank's products. */
  first: readonly { product: number; customers: number }[];
  milliseconds: { score: number; total: number };
  threads: number;
  /** Numbers of rows of the file and of excluded rows. Null if customers were generated. */
  read: Omit<ReadHoldings, 'ids' | 'columns'> | null;
}

export type TaskName = keyof Tasks;

/** Message from the page to the worker: a task with its input. */
export interface TaskRequest<Name extends TaskName = TaskName> {
  id: number;
  name: Name;
  input: Tasks[Name]['input'];
}

/** Reason why a task failed. Errors with a key have texts in both languages; all others have a message and a hint. */
export interface TaskFailure {
  key: ProblemKey | null;
  values: Readonly<Record<string, string>>;
  message: string;
  hint: string;
}

/** Message from the worker to the page: an output, a failure or progress. */
export type TaskReply =
  | { id: number; type: 'done'; output: Tasks[TaskName]['output'] }
  | { id: number; type: 'failed'; failure: TaskFailure }
  | { id: number; type: 'progress'; stage: TaskStage; share: number };
