import type { DemoBank } from './bank.ts';
import type { ReadHoldings } from './holding-collector.ts';
import type { OwnCustomer, OwnSummary } from './own-summary.ts';
import type { ProblemKey } from './page-error.ts';
import type { OwnFiles } from './read-own.ts';
import type { CustomerRecommendation, RecommendRequest } from './recommend.ts';
import type { ScoreStage } from './score-holdings.ts';
import type { ChosenColumns, SeenFile } from './seen-file.ts';
import type { Sharing } from './sharing.ts';
import type { OwnCampaign, TrainStage } from './train-own.ts';

/** Tasks of the worker, and their results. */
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

/** File to inspect: holdings of a bank, holdings of the sample bank's products, or a file beside holdings. */
type SeeRequest =
  | { file: File; as: 'holdings' | 'sample' }
  | { file: File; as: 'products' | 'customers'; holdings: ChosenColumns };

/** Bank read from the person's own files. */
export interface OwnFacts {
  customers: number;
  /** Classes of products with holdings, by falling number of holdings. Empty if no file names any. */
  classes: readonly string[];
  /** Last day of holdings; null without dates. */
  lastDate: string | null;
}

/** Running step of a long task. */
export type TaskStage = ScoreStage | TrainStage;

/** Result of scoring many customers. */
export interface ScoreSummary {
  customers: number;
  targets: number;
  holdings: number;
  baskets: number;
  /** Products most often in first position: position in the bank's list. */
  first: readonly { product: number; customers: number }[];
  milliseconds: { score: number; total: number };
  threads: number;
  /** Excluded rows of a file. */
  read: Omit<ReadHoldings, 'ids' | 'blocks'> | null;
}

export type TaskName = keyof Tasks;

/** Message from page to worker. */
export interface TaskRequest<Name extends TaskName = TaskName> {
  id: number;
  name: Name;
  input: Tasks[Name]['input'];
}

/** Reason of a failed task: an error with translated texts, or a message and hint. */
export interface TaskFailure {
  key: ProblemKey | null;
  values: Readonly<Record<string, string>>;
  message: string;
  hint: string;
}

/** Message from worker to page. */
export type TaskReply =
  | { id: number; type: 'done'; output: Tasks[TaskName]['output'] }
  | { id: number; type: 'failed'; failure: TaskFailure }
  | { id: number; type: 'progress'; stage: TaskStage; share: number };
