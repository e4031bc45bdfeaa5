import type { Html } from '@basketwise/page';
import { barChart, type Estimate, intervalChart } from '@basketwise/page/charts';
import type { RateInterval } from '@basketwise/recommend';
import type { ValidationFile } from './validation-file.ts';

/** Bar chart of the weights of a model's components. */
export function weightChart({ campaign, components }: ValidationFile['models'][number]): Html {
  const bars = components.map(({ name, weight }) => ({ label: name, value: weight }));
  return barChart(`${campaign}: weights of components`, 'weight', bars);
}

/** Chart of the NDCG differences between a campaign's lists and its challengers, with their intervals; null without intervals. */
export function challengerChart({ campaign, challengers }: ValidationFile['quality'][number], metric: string): Html | null {
  const drawn = challengers.flatMap(({ name, minus }): Estimate[] => (minus ? [{ label: name, ...minus }] : []));
  return drawn.length === 0
    ? null
    : intervalChart(`${campaign}: lists minus each challenger, with 95 % intervals`, metric, drawn);
}

type Ratios = readonly { label: string; ratio: RateInterval | null }[];

/** Chart of ratios with their intervals; null for fewer than two ratios. */
export function ratioChart(title: string, unit: string, ratios: Ratios): Html | null {
  const drawn = ratios.flatMap(({ label, ratio }): Estimate[] =>
    ratio ? [{ label, mean: ratio.value, low: ratio.low, high: ratio.high }] : [],
  );
  return drawn.length < 2 ? null : intervalChart(title, unit, drawn);
}

/** Short label of a variable, because charts cut long labels. */
function shiftLabel(variable: string, campaign: string | null): string {
  if (campaign === null) return variable;
  return `${variable.replace('first recommendations', 'first').replace(' of first', '')}: ${campaign}`;
}

/** Chart of the population stability indices of a comparison with an earlier run, the largest first. */
export function shiftChart({ against, variables }: ValidationFile['drift'][number]): Html {
  const bars = variables
    .map(({ variable, campaign, psi }) => ({ label: shiftLabel(variable, campaign), value: psi }))
    .sort((a, b) => b.value - a.value);
  return barChart(`Population stability index against ${against}`, 'index', bars);
}
