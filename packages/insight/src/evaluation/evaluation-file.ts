import type { EvaluationWindow } from '@basketwise/core/parts';
import type { evaluationVersion } from '@basketwise/pipeline/parts';
import type { ProbabilityQuality } from './judge-probabilities.ts';
import type { PooledEvaluation } from './pooled.ts';
import type { CampaignEvaluation } from './summarise.ts';

/** Content of evaluation.json. */
export interface EvaluationFile {
  version: typeof evaluationVersion;
  windows: EvaluationWindow[];
  /** All campaigns together, then those of each class. */
  pooled: PooledEvaluation[];
  /** Of all list entries of all campaigns together; null without them. */
  probabilities: ProbabilityQuality | null;
  campaigns: CampaignEvaluation[];
}
