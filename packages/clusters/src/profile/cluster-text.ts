import { countText, percent, percentOf } from '@basketwise/data/base';
import { textTable } from '@basketwise/page';
import type { KChoice } from '../fitting/choose-k.ts';
import type { CategoryProfile, ClusterProfile, NumberProfile } from './profile.ts';

/** Number as text with three significant digits; from 1,000 on, as a whole number. Empty for null. */
function shortNumber(value: number | null): string {
  if (value === null) return '';
  return Math.abs(value) >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

function cells(profile: NumberProfile | CategoryProfile): string[] {
  if (profile.kind === 'number')
    return profile.mean.map((mean, group) => `${shortNumber(mean)} (${shortNumber(profile.median[group] ?? null)})`);
  return profile.top.map(([first]) => (first ? `${first.category ?? 'missing'} ${Math.round(first.share * 100)} %` : ''));
}

/** Profile as a text table. Columns with the largest explained share come first. */
export function profileText(profile: ClusterProfile): string {
  const { scheme, method, k, customers, sizes, features, gamma, fit, leftOut, treated, warnings } = profile;
  const head = `${scheme}: ${k} clusters of ${customers} customers, ${method}${gamma === null ? '' : `, gamma ${gamma}`}, seed ${profile.seed}`;
  const run = `cost ${fit.cost} after ${fit.iterations} iterations${fit.converged ? '' : ' (not settled)'}, best of ${fit.costs.length} starts`;
  const names = ['all', ...sizes.map((_, cluster) => `cluster ${cluster}`)];
  const shares = ['100.0 %', ...sizes.map((size) => (size === null ? '' : percentOf(size, customers)))];
  const rows = features.map((feature) => {
    const measure = feature.kind === 'number' ? 'eta2' : 'V2';
    return [feature.column, `${percent(feature.explained)} ${measure}`, ...cells(feature)];
  });
  const table = textTable([
    ['', 'explained', ...names],
    ['customers', '', String(customers), ...sizes.map(countText)],
    ['share', '', ...shares],
    ...rows,
  ]);
  const notes = [
    'Numbers: mean (median). Categories: the most frequent one.',
    ...leftOut.map(({ column, why }) => `Left out: ${column} is ${why}.`),
    ...treated.map(({ column, kind, customers: n }) => `${column}: ${countText(n)} customers with a ${kind} value.`),
    ...warnings.map((warning) => `Warning: ${warning}.`),
  ];
  return `${[head, run].join('\n')}\n\n${table}\n${notes.join('\n')}\n`;
}

/** Cost curve as a text table, with a line per k. */
export function choiceText(choice: KChoice): string {
  const { scheme, customers, sample, silhouetteSample, starts, trials } = choice;
  const head =
    `${scheme}: tried on ${sample} of ${customers} customers${choice.fittedOn ? ` of ${choice.fittedOn}, when the clusters were fitted` : ''}, ${starts} starts each; silhouette exact on ${silhouetteSample};` +
    ` stability: mean adjusted Rand index of the starts\nelbow ${choice.elbow}, largest silhouette ${choice.silhouette}`;
  const rows = trials.map(({ k, cost, silhouette, stability, sizes }) => [
    ...[k, cost.toPrecision(8), silhouette.toFixed(4), stability.toFixed(3)],
    sizes.map(countText).join(' '),
  ]);
  return `${head}\n\n${textTable([['k', 'cost', 'silhouette', 'stability', 'sizes'], ...rows])}`;
}
