import { type Command, InvalidArgumentError } from 'commander';
import { type Answer, action, type CommonOptions, settingsOf, withCommonOptions } from '../command.ts';
import type { Terminal } from '../terminal.ts';

interface ElbowOptions extends CommonOptions {
  from: number;
  to: number;
}

interface ApplyOptions extends CommonOptions {
  sql?: string;
}

function clusters(text: string): number {
  if (!/^\d{1,4}$/.test(text) || Number(text) < 1) throw new InvalidArgumentError('expected a number of clusters');
  return Number(text);
}

async function elbow(terminal: Terminal, scheme: string, { config, from, to }: ElbowOptions): Promise<Answer> {
  const settings = await settingsOf(config, terminal);
  const { choiceText } = await import('@basketwise/clusters');
  const { tryClusterCounts } = await import('@basketwise/insight');
  const choice = await tryClusterCounts(settings, scheme, { from, to, choose: 'elbow' }, terminal);
  return { json: choice, text: choiceText(choice) };
}

async function fit(terminal: Terminal, scheme: string, { config }: CommonOptions): Promise<Answer> {
  const settings = await settingsOf(config, terminal);
  const { profileText } = await import('@basketwise/clusters');
  const { refitClusters } = await import('@basketwise/insight');
  const { profile, file, refitted } = await refitClusters(settings, scheme, terminal);
  const notes = refitted.map((line) => `${line}\n`).join('');
  return { json: { file, profile, refitted }, text: `${profileText(profile)}\nmodel ${file}\n${notes}` };
}

async function apply(terminal: Terminal, scheme: string, { config, sql }: ApplyOptions): Promise<Answer> {
  const settings = await settingsOf(config, terminal);
  const { clusterSql, reapplyClusters } = await import('@basketwise/insight');
  if (sql !== undefined) {
    const query = await clusterSql(settings, scheme, sql, terminal);
    return { json: { sql: query }, text: `${query}\n` };
  }
  const { sizes, treated } = await reapplyClusters(settings, scheme, terminal);
  const lines = sizes.map((size, cluster) => `cluster ${cluster}: ${size ?? '-'} customers`);
  const notes = treated.map(({ column, kind, customers }) => `${column}: ${customers ?? 'fewer than 10'} with a ${kind} value`);
  return { json: { scheme, sizes, treated }, text: `${[...lines, ...notes].join('\n')}\n` };
}

async function profileScheme(terminal: Terminal, scheme: string, { config }: CommonOptions): Promise<Answer> {
  const settings = await settingsOf(config, terminal);
  const { profileText } = await import('@basketwise/clusters');
  const { reprofileClusters } = await import('@basketwise/insight');
  const profile = await reprofileClusters(settings, scheme, terminal);
  return { json: profile, text: profileText(profile) };
}

const wantsJson = (_: string, { json }: CommonOptions) => json === true;

/**
 * Registers `basketwise cluster`, with subcommands that choose the number of clusters, fit clusters, apply them and profile them,
 * on the newest snapshot.
 */
export function registerCluster(program: Command, terminal: Terminal): void {
  const cluster = program.command('cluster').description("cluster the newest snapshot's customers: elbow, fit, apply, profile");
  withCommonOptions(cluster.command('elbow'))
    .argument('<scheme>', 'name of the cluster scheme in the config')
    .description('try numbers of clusters: cost, silhouette, stability, sizes')
    .option('--from <k>', 'smallest number of clusters', clusters, 2)
    .option('--to <k>', 'largest number of clusters', clusters, 15)
    .action(action(terminal, wantsJson, elbow));
  withCommonOptions(cluster.command('fit'))
    .argument('<scheme>', 'name of the cluster scheme in the config')
    .description('fit the clusters again and save the model that later runs apply')
    .action(action(terminal, wantsJson, fit));
  withCommonOptions(cluster.command('apply'))
    .argument('<scheme>', 'name of the cluster scheme in the config')
    .description('apply the saved model and count the customers per cluster')
    .option('--sql <table>', 'print the SQL query that assigns the customers of this table instead')
    .action(action(terminal, wantsJson, apply));
  withCommonOptions(cluster.command('profile'))
    .argument('<scheme>', 'name of the cluster scheme in the config')
    .description('describe the clusters of the saved model')
    .action(action(terminal, wantsJson, profileScheme));
}

async function showSegments(terminal: Terminal, { config }: CommonOptions): Promise<Answer> {
  const settings = await settingsOf(config, terminal);
  const { segmentText } = await import('@basketwise/clusters');
  const { recountSegments } = await import('@basketwise/insight');
  const table = await recountSegments(settings, terminal);
  return { json: table, text: segmentText(table) };
}

/** Registers `basketwise segment`: counts the customers of the newest snapshot by the segments of the config. */
export function registerSegment(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('segment'))
    .description("count the config's segments on the newest snapshot's customers")
    .action(action(terminal, ({ json }: CommonOptions) => json === true, showSegments));
}
