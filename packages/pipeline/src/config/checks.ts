import { normalize } from 'node:path';
import { kindOf, spanDays } from '@basketwise/core';
import { bandWeightsOf, isLearned, isPooled, learnsFromDates } from '@basketwise/recommend';
import type { z } from 'zod';
import type { AnyDriver } from '../drivers/driver.ts';
import { drivers, isPushdown, workTablesIn } from '../drivers/drivers.ts';
import { offersTableOf } from '../drivers/server-settings.ts';
import { bandProblems } from './bands.ts';
import { campaignModel, planCampaigns } from './campaign-plan.ts';

import { checkFeatures, rankableFeatures, unreadHistory } from './check-features.ts';
import { checkOffers } from './check-offers.ts';
import { checkProtected } from './check-protected.ts';
import { checkDerived, checkServerSql } from './config-sql.ts';
import { type Problem, problemsOf, type ReportProblem } from './problems.ts';

import type { Config } from './schema.ts';
import { modelProblems } from './schema-model.ts';

/**
 * Checks the date and number formats of a table's columns. With work tables such formats are errors, because work tables take columns unconverted.
 */
function checkFormats(
  { source }: Config,
  key: string,
  { date_format: dates = {}, decimal_comma: numbers = [] }: Pick<Config['tables']['customers'], 'date_format' | 'decimal_comma'>,
  report: ReportProblem,
): void {
  for (const [i, name] of numbers.entries())
    if (Object.keys(dates).some((other) => other.toLowerCase() === name.toLowerCase()))
      report(['tables', key, 'decimal_comma', i], 'has a format of dates already');
  if (workTablesIn(source) === undefined) return;
  for (const [name, formats] of Object.entries({ date_format: Object.keys(dates), decimal_comma: numbers }))
    if (formats.length > 0)
      report(['tables', key, name], 'work tables take columns as they are: convert them by `sql`, or leave `work_tables` out');
}

function checkTableKeys(config: Config, report: ReportProblem): void {
  const { contacts: _, ...tables } = config.tables;
  for (const [key, table] of Object.entries(tables)) {
    const ways = [table.from, table.sql].filter((way) => way !== undefined).length;
    if (ways !== 1) report(['tables', key], `expected one of \`from\` and \`sql\`, found ${ways === 0 ? 'neither' : 'both'}`);
  }
  for (const [key, table] of Object.entries(config.tables)) if (table) checkFormats(config, key, table, report);
  for (const driver of drivers as readonly AnyDriver[])
    for (const { path, message } of driver.problems?.(config.source, driver.engine === config.source.engine) ?? [])
      report(['source', ...path], message);
  for (const [engine, name] of [
    ['hive', 'Hive'],
    ['spark', 'Spark'],
  ] as const) {
    const output = config.output[engine];
    if (!output) continue;
    if (config.offers && !config.output.formats.includes('parquet'))
      report(['output', engine], `offers reach ${name} from offers.parquet: list parquet in \`output.formats\``);
    if (config.offers && offersTableOf(output).toLowerCase() === output.table.toLowerCase())
      report(['output', engine, 'offers_table'], 'is the table of the recommendations: name another');
    if (!config.source[engine]) report(['output', engine], `publishing to ${name} needs \`source.${engine}: { host, ... }\``);
    else if (isPushdown(config) && config.source.engine !== engine)
      report(['output', engine], `with pushdown customers stay on their server: publish by \`output.${config.source.engine}\``);
  }
}

/** Checks pushdown. A model that learns from purchases needs holdings with dates. */
function checkPushdown(config: Config, report: ReportProblem): void {
  if (!isPushdown(config)) return;
  if (config.release) report(['release'], 'with pushdown lists are made on the server: leave one of the two out');
  for (const plan of config.tables.holdings.date === null ? planCampaigns(config) : []) {
    if (!learnsFromDates(plan)) continue;
    const { name, model } = plan;
    const path = config.campaigns[name]!.model?.kind === undefined ? ['model', 'kind'] : ['campaigns', name, 'model', 'kind'];
    report(
      path,
      `with pushdown \`${model.kind}\` learns only from dated holdings: name \`tables.holdings.date\`, or another kind`,
    );
  }
}

function checkRecency({ recency: { bands } }: Config, report: ReportProblem): void {
  let reach = 0;
  for (const [i, { within }] of bands.entries()) {
    const last = i === bands.length - 1;
    const path = ['recency', 'bands', i];
    if (last && within) report(path, 'the last band takes all older holdings: leave `within` out');
    if (last || !within) {
      if (!last) report(path, 'expected `within` in every band but the last');
      continue;
    }
    if (spanDays(within) <= reach) report([...path, 'within'], 'expected a longer time than that of the band before');
    reach = spanDays(within);
  }
}

function checkClusters(config: Config, report: ReportProblem): void {
  for (const [name, cluster] of Object.entries(config.clusters)) {
    const path = ['clusters', name];
    const columns = new Set([...cluster.numeric, ...cluster.categorical]);
    if (columns.size === 0) report(path, 'expected `numeric` or `categorical` columns');
    if (columns.size < cluster.numeric.length + cluster.categorical.length) report(path, 'a column is listed twice');
    if (typeof cluster.k === 'object' && cluster.k.from > cluster.k.to) report([...path, 'k'], '`from` is above `to`');
    const other = Object.keys(config.clusters).find((one) => samePath(config.clusters[one]!.model, cluster.model));
    if (other !== undefined && other !== name) report([...path, 'model'], `\`${other}\` has its model in this folder`);
    for (const column of Object.keys(cluster.weights)) {
      if (!columns.has(column)) report([...path, 'weights', column], 'no column of this cluster scheme');
    }
    for (const column of typeof cluster.scale === 'object' ? Object.keys(cluster.scale) : []) {
      if (!cluster.numeric.includes(column)) report([...path, 'scale', column], 'no numeric column of this cluster scheme');
    }
    for (const [i, column] of cluster.important.entries()) {
      if (!cluster.numeric.includes(column)) report([...path, 'important', i], 'no numeric column of this cluster scheme');
    }
  }
}

/** Reports names that differ only by case. They become column names, in which SQL ignores case. */
function checkUsedNames({ clusters, segments, features = {} }: Config, report: ReportProblem): void {
  for (const [key, named] of Object.entries({ clusters, segments, features })) {
    const before = new Map<string, string>();
    for (const name of Object.keys(named)) {
      const other = before.get(name.toLowerCase());
      if (other !== undefined) report([key, name], `differs from \`${other}\` only by case`);
      before.set(name.toLowerCase(), name);
      if (key === 'segments' && name.toLowerCase() === 'customer')
        report([key, name], 'segments.parquet has a column of this name already');
    }
  }
}

function samePath(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && normalize(one) === normalize(other);
}

function checkSegments({ segments }: Config, report: ReportProblem): void {
  for (const [name, segment] of Object.entries(segments)) {
    const path = ['segments', name];
    if ('bands' in segment) {
      for (const { index, message } of bandProblems(segment.bands)) report([...path, 'bands', index], message);
    } else if ('cross' in segment) {
      for (const [i, other] of segment.cross.entries()) {
        const crossed = segments[other];
        if (!crossed) report([...path, 'cross', i], `no segment \`${other}\``);
        else if ('cross' in crossed) report([...path, 'cross', i], `\`${other}\` is a crossing itself`);
      }
      if (new Set(segment.cross).size < segment.cross.length) report([...path, 'cross'], 'a segment is listed twice');
    }
  }
}

function checkCampaigns(config: Config, report: ReportProblem): void {
  for (const [name, campaign] of Object.entries(config.campaigns)) {
    const path = ['campaigns', name];
    if (campaign.columns && !campaign.columns.includes(campaign.class)) {
      report([...path, 'columns'], `expected the class \`${campaign.class}\` among them: only columns can be recommended`);
    }
    const own = campaign.model === undefined ? [] : modelProblems(campaign.model, campaignModel(config, name).kind);
    for (const problem of problemsOf(own as z.core.$ZodIssue[], null, [...path, 'model'])) report(problem.path, problem.message);
    if (campaign.by_cluster !== undefined && !config.clusters[campaign.by_cluster]) {
      const known = Object.keys(config.clusters).map((cluster) => `\`${cluster}\``);
      report(
        [...path, 'by_cluster'],
        `no cluster scheme \`${campaign.by_cluster}\`; there ${known.length > 0 ? `are ${known.join(', ')}` : 'is none'}`,
      );
    }
    checkPooling(config, name, report);
  }
}

function checkPooling(config: Config, name: string, report: ReportProblem): void {
  const { pooling, by_cluster: scheme } = config.campaigns[name]!;
  if (pooling === undefined) return;
  const path = ['campaigns', name, 'pooling'];
  if (scheme === undefined)
    report(path, 'it says how clusters enter a model: name their scheme in `by_cluster`, or leave it out');
  const model = campaignModel(config, name);
  if (pooling === 'partial' && !isPooled(model))
    report(
      path,
      `how far clusters differ is learned by \`automatic\` and \`next-purchase\`; \`${model.kind}\` has one model per cluster: leave it out, or name another kind`,
    );
}

/** Faults that a schema cannot express: contradictions between parts of a config. */
export function crossProblems(config: Config): Problem[] {
  const problems: Problem[] = [];
  const report: ReportProblem = (path, message) => problems.push({ path, message });
  for (const check of [
    checkTableKeys,
    checkPushdown,
    checkRecency,
    checkUsedNames,
    checkClusters,
    checkSegments,
    checkFeatures,
    checkCampaigns,
    checkOffers,
    checkServerSql,
    checkDerived,
    checkProtected,
  ])
    check(config, report);
  const { output } = config;
  if (output.formats.length === 0 && !(isPushdown(config) && (output.hive || output.spark)))
    report(['output', 'formats'], 'expected at least one format; none only with pushdown and `output.hive` or `output.spark`');
  if (config.offers && output.postgres && !output.formats.includes('parquet'))
    report(['output', 'postgres'], 'offers reach PostgreSQL from offers.parquet: list parquet in `output.formats`');
  if (config.offers && output.postgres && output.postgres.offers_table === output.postgres.table)
    report(['output', 'postgres', 'offers_table'], 'is the table of the recommendations: name another');
  if (output.formats.length === 0 && output.postgres)
    report(['output', 'postgres'], 'rows reach PostgreSQL from the files here: list a format in `output.formats`');
  if (output.suppressed_customers && isPushdown(config))
    report(['output', 'suppressed_customers'], 'with pushdown customers stay on the server: this cannot be written');
  if (isPushdown(config) && config.output.parquet?.integer_ids)
    report(
      ['output', 'parquet', 'integer_ids'],
      'with pushdown ids stay texts, as they are not checked before the publication: remove it',
    );
  if (new Set(config.output.formats).size < config.output.formats.length)
    report(['output', 'formats'], 'a format is listed twice');
  return problems;
}

/** Warnings about features without any effect on lists. */
function unrankedFeatures(config: Config): Problem[] {
  const path = ['features'];
  const isUsed = Object.keys(config.campaigns).some((campaign) => isLearned(campaignModel(config, campaign)));
  if (isUsed) return unrankable(config);
  return [
    {
      path,
      message: 'only models of kind automatic and next-purchase rank by them, and no campaign has one: they change no list',
    },
  ];
}

/** Warnings about features that models cannot rank by. If holdings have no dates, a feature that is not fixed can depend on purchases. */
function unrankable(config: Config): Problem[] {
  const rankable = rankableFeatures(config);
  const others = Object.keys(config.features ?? {}).filter((name) => rankable[name] === undefined);
  return others.map((name) => ({
    path: ['features', name],
    message:
      'it does not rank: without tables.holdings.date its value before a purchase is unknown, and only `fixed` features can be used',
  }));
}

/** Warnings about values that are allowed but unusual. */
export function configWarnings(config: Config): Problem[] {
  const warnings: Problem[] = [];
  if (typeof config.consent === 'object')
    warnings.push({ path: ['consent'], message: `no consent of customers is asked for: ${config.consent.none}` });
  if (Object.keys(config.features ?? {}).length > 0) warnings.push(...unrankedFeatures(config));
  if (unreadHistory(config))
    warnings.push({
      path: ['tables', 'customers', 'history'],
      message: 'no feature changes, and none is a column: it is not read',
    });
  const weights = bandWeightsOf(config);
  for (const { name: campaign, spec } of planCampaigns(config)) {
    const doubts = spec && kindOf(spec.kind).doubts?.(spec, weights);
    for (const { parameter, message } of doubts ?? []) {
      const isOwn = Object.hasOwn(config.campaigns[campaign]?.model ?? {}, parameter);
      const path = isOwn ? ['campaigns', campaign, 'model', parameter] : ['model', parameter];
      if (!warnings.some((warning) => String(warning.path) === String(path))) warnings.push({ path, message });
    }
  }
  return warnings;
}
