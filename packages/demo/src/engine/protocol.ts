import type { DemoBank } from './bank.ts';
import type { ReadHoldings } from './holding-collector.ts';
import type { OwnCustomer, OwnSummary } from './own-summary.ts';
import type { ProblemKey } from './page-error.ts';
import type { OwnFiles, SeenFile } from './read-own.ts';
import type { CustomerRecommendation, RecommendRequest } from './recommend.ts';
import type { ScoreStage } from './score-holdings.ts';
import type { Sharing } from './sharing.ts';
import type { OwnCampaign, TrainStage } from './train-own.ts';

/** Tasks that the page gives its worker, and their results. */
export interface Tasks {
  open: { input: { base: string }; output: DemoBank };
  recommend: {
    input: RecommendRequest & { campaign: string };
    output: { list: CustomerRecommendation[]; sharing: Sharing };
  };
  score: {
    input: { campaign: string; cluster: number | null; n: number; source: File | { generate: number } };
    output: ScoreSummary;
  };
  download: { input: Record<string, never>; output: Blob };
  see: { input: { file: File }; output: SeenFile };
  read: { input: OwnFiles; output: OwnFacts };
  train: { input: { campaign: OwnCampaign; date: string | null }; output: OwnSummary };
  customer: { input: { customer: number } | { id: string }; output: OwnCustomer | null };
  downloadOwn: { input: Record<string, never>; output: Blob };
}

/** A bank that was read from files of one's own. */
export interface OwnFacts {
  customers: number;
  /** Classes of products that somebody holds, by falling number of holdings; none where no file says any. */
  classes: readonly string[];
  /** The last day of holdings; null where they have no dates. */
  lastDate: string | null;
}

/** The step of a long task that is being done. */
export type TaskStage = ScoreStage | TrainStage;

/** Result of scoring many customers. */
export interface ScoreSummary {
  customers: number;
  targets: number;
  holdings: number;
  baskets: number;
  /** The products that most customers have at the top of their list: position in the bank's list. */
  first: readonly { product: number; customers: number }[];
  milliseconds: { score: number; total: number };
  threads: number;
  /** Of a file: what was left out. */
  read: Omit<ReadHoldings, 'ids' | 'blocks'> | null;
}

export type TaskName = keyof Tasks;

/** Page to worker. */
export interface TaskRequest<Name extends TaskName = TaskName> {
  id: number;
  name: Name;
  input: Tasks[Name]['input'];
}

/** Why a task failed: a problem that texts exist for, or an error's message and hint. */
export interface TaskFailure {
  key: ProblemKey | null;
  values: Readonly<Record<string, string>>;
  message: string;
  hint: string;
}

/** Worker to page. */
export type TaskReply =
  | { id: number; type: 'done'; output: Tasks[TaskName]['output'] }
  | { id: number; type: 'failed'; failure: TaskFailure }
  | { id: number; type: 'progress'; stage: TaskStage; share: number };
