import { type EvaluationWindow, plainLine, windowText } from '@basketwise/core';
import { countWords } from '@basketwise/data/base';
import { textTable, wrapped } from '@basketwise/page';
import type { evaluationVersion } from '@basketwise/pipeline';
import { automaticKind, type Gap, isBestSellers, type MeanInterval } from '@basketwise/recommend';
import type { ComparedModel } from './compare-models.ts';
import type { ProbabilityQuality } from './judge-probabilities.ts';
import type { PooledEvaluation } from './pooled.ts';
import type { CampaignEvaluation } from './summarise.ts';

import { ownModel } from './tested.ts';

const signed = (value: number) => `${value < 0 ? '' : '+'}${value.toFixed(3)}`;

/** Mean with its 95 % interval, as short text for a table. */
function intervalText(mean: number, found: MeanInterval | null): string {
  return found === null ? mean.toFixed(3) : `${mean.toFixed(3)} (${found.low.toFixed(3)}-${found.high.toFixed(3)})`;
}

/** Difference with its 95 % interval, as short text for a table. */
export function shortGapText(gap: Gap | null): string {
  return gap === null ? '' : `${signed(gap.mean)} (${signed(gap.low)}..${signed(gap.high)})`;
}

/** Verdict on a difference: `level` if its interval contains 0. Empty if there is no interval. */
export function gapVerdict(gap: Gap | null): 'better' | 'worse' | 'level' | '' {
  if (gap === null) return '';
  return gap.level ? 'level' : gap.mean > 0 ? 'better' : 'worse';
}

/**
 * Evaluation as text for the terminal, 80 columns wide. For each campaign it has a table of the models, and a sentence about the
 * model of the config.
 */
export function evaluationSummary({ windows, campaigns }: Pick<EvaluationFile, 'windows' | 'campaigns'>): string {
  const tests = wrapped(`Tested: ${windows.map(windowText).join('; ')}.`);
  return `${tests}\n${campaigns.map(campaignSummary).join('\n')}`;
}

function campaignSummary(found: CampaignEvaluation): string {
  const { campaign, tested, models, notes } = found;
  const measured = Object.keys(models[0]?.metrics ?? {}).filter((name) => name.startsWith('ndcg'));
  const ndcg = measured.find((name) => name === 'ndcg@5') ?? measured[0] ?? 'ndcg';
  const own = ownOf(found);
  const rows = models.map((model) => {
    const mark = model === own ? '* ' : '  ';
    const isReference = model.minusBestSellers?.low === 0 && model.minusBestSellers.high === 0 && isBestSellers(model.name);
    const [gap, verdict] = isReference ? ['', ''] : [shortGapText(model.minusBestSellers), gapVerdict(model.minusBestSellers)];
    return [`${mark}${model.name}`, intervalText(model.ndcg, model.interval), gap, verdict];
  });
  const head = ['  model', `${ndcg.toUpperCase()} (95 %)`, 'to best sellers (95 %)', 'verdict'];
  const clusters = notes.some((note) => note.startsWith('clusters of'));
  return [
    wrapped(`${plainLine(campaign)}: ${countWords(tested)} customers tested`),
    models.length === 0 ? '' : textTable([head, ...rows]),
    wrapped(sentenceOf(own, clusters), { indent: '  ' }),
  ].join('');
}

/** Results of the model that a run would use. */
function ownOf({ models }: CampaignEvaluation): ComparedModel | undefined {
  return models.find(({ name }) => name === ownModel) ?? models.find(({ name }) => name === automaticKind);
}

function sentenceOf(own: ComparedModel | undefined, clusters: boolean): string {
  const gap = own?.minusBestSellers;
  if (!own || !gap) return 'Too few test customers to compare the lists with best sellers.';
  const what =
    own.name === automaticKind ? 'The lists of the run (the model is chosen, *)' : "The lists of the run (the config's model, *)";
  const than = { better: 'better than', worse: 'worse than', level: 'level with', '': 'level with' }[gapVerdict(gap)];
  const caution = clusters ? " Clusters come from today's customer columns, so the lists may look better than they are." : '';
  return `${what} are ${than} the best list of best sellers: ${signed(gap.mean)}.${caution}`;
}

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
