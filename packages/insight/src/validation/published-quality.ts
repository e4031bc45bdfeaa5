import { automaticKind, type BootstrapOptions, type Gap, gapBetween, ndcg } from '@basketwise/recommend';
import type { CampaignEvaluation } from '../evaluation/summarise.ts';
import { type CampaignTests, ownModel } from '../evaluation/tested.ts';
import type { ValidationFile } from './validation-file.ts';

type Quality = ValidationFile['quality'][number];

/** Four decimals. */
const round = (value: number) => Number(value.toFixed(4));

function publishedGap(gap: Gap | null): Quality['gain'] {
  return gap && { mean: round(gap.mean), low: round(gap.low), high: round(gap.high), level: gap.level };
}

/** NDCG@5 of a model's test customers with history. */
function valuesOf({ models, cases }: CampaignTests, name: string): Float64Array {
  const outcomes = models.get(name)?.outcomes ?? [];
  if (outcomes.length < cases.length) return new Float64Array(0);
  return Float64Array.from(
    outcomes.filter((_, i) => cases[i]!.hasHistory),
    (outcome) => ndcg(outcome, 5),
  );
}

/** Evaluated campaigns, with each challenger against the campaign's own model on the same customers. */
export function publishedQualities(
  campaigns: readonly CampaignEvaluation[],
  tests: ReadonlyMap<string, CampaignTests>,
  resampling: BootstrapOptions,
): Quality[] {
  return campaigns.map(({ campaign, tested, models, notes }) => {
    const own = models.find(({ name }) => name === ownModel) ?? models.find(({ name }) => name === automaticKind);
    const of = tests.get(campaign);
    const values = own === undefined || of === undefined ? null : valuesOf(of, own.name);
    const minus = (name: string) => {
      const other = values === null ? null : valuesOf(of!, name);
      return other !== null && other.length === values!.length ? publishedGap(gapBetween(values!, other, resampling)) : null;
    };
    const interval = own?.interval ?? null;
    return {
      ...{ campaign, tested, notes },
      ndcg: own === undefined ? null : round(own.ndcg),
      interval: interval && { value: round(interval.mean), low: round(interval.low), high: round(interval.high) },
      gain: publishedGap(own?.minusBestSellers ?? null),
      challengers: models
        .filter((model) => model !== own)
        .map(({ name, ndcg: mean }) => ({ name, ndcg: round(mean), minus: minus(name) })),
    };
  });
}
