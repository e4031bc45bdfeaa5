import type { EvaluationWindow } from '@basketwise/core/parts';
import type { evaluationVersion } from '@basketwise/pipeline/parts';
import type { ProbabilityQuality } from './judge-probabilities.ts';
import type { PooledEvaluation } from './pooled.ts';
import type { CampaignEvaluation } from './summarise.ts';

/** Content of the file evaluation.json. */
export interface EvaluationFile {
  version: typeof evaluationVersion;
  windows: EvaluationWindow[];
  /** Results over all campaigns together, then over the campaigns of each class. */
  pooled: PooledEvaluation[];
  /** Quality of the probabilities, over the list entries of all campaigns. Null if lists have no probabilities. */
  probabilities: ProbabilityQuality | null;
  campaigns: CampaignEvaluation[];
}
