import { type Command, InvalidArgumentError } from 'commander';
import { type Answer, action, type CommonOptions, withCommonOptions } from '../command.ts';
import { tell } from '../streams.ts';

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

async function elbow(scheme: string, { config, from, to }: ElbowOptions): Promise<Answer> {
  const { choiceText, loadConfig, tryClusterCounts } = await import('@basketwise/pipeline');
  const choice = await tryClusterCounts(await loadConfig(config), scheme, { from, to, choose: 'elbow' }, { tell });
  return { json: choice, text: choiceText(choice) };
}

async function fit(scheme: string, { config }: CommonOptions): Promise<Answer> {
  const { loadConfig, profileText, refitClusters } = await import('@basketwise/pipeline');
  const { profile, file, refitted } = await refitClusters(await loadConfig(config), scheme, { tell });
  const notes = refitted.map((line) => `${line}\n`).join('');
  return { json: { file, profile, refitted }, text: `${profileText(profile)}\nmodel ${file}\n${notes}` };
}

async function apply(scheme: string, { config, sql }: ApplyOptions): Promise<Answer> {
  const { clusterSql, loadConfig, publishedCount, publishedSizes, reapplyClusters } = await import('@basketwise/pipeline');
  const settings = await loadConfig(config);
  if (sql !== undefined) {
    const query = await clusterSql(settings, scheme, sql, { tell });
    return { json: { sql: query }, text: `${query}\n` };
  }
  const assignment = await reapplyClusters(settings, scheme, { tell });
  const sizes = publishedSizes(assignment.sizes);
  const treated = assignment.treated.map((entry) => ({ ...entry, customers: publishedCount(entry.customers) }));
  const lines = sizes.map((size, cluster) => `cluster ${cluster}: ${size ?? '-'} customers`);
  const notes = treated.map(({ column, kind, customers }) => `${column}: ${customers ?? 'fewer than 10'} with a ${kind} value`);
  return { json: { scheme, sizes, treated }, text: `${[...lines, ...notes].join('\n')}\n` };
}

async function profile(scheme: string, { config }: CommonOptions): Promise<Answer> {
  const { loadConfig, profileText, reprofileClusters } = await import('@basketwise/pipeline');
  const found = await reprofileClusters(await loadConfig(config), scheme, { tell });
  return { json: found, text: profileText(found) };
}

const wantsJson = (_: string, { json }: CommonOptions) => json === true;

/** `basketwise cluster`: how many clusters, fit them, apply them, what tells them apart; on the customers of the newest snapshot. */
export function registerCluster(program: Command): void {
  const cluster = program.command('cluster').description("cluster the newest snapshot's customers: elbow, fit, apply, profile");
  withCommonOptions(cluster.command('elbow'))
    .argument('<scheme>', 'name of the cluster scheme in the config')
    .description('try numbers of clusters: cost, silhouette, stability, sizes')
    .option('--from <k>', 'the fewest clusters', clusters, 2)
    .option('--to <k>', 'the most clusters', clusters, 15)
    .action(action(wantsJson, elbow));
  withCommonOptions(cluster.command('fit'))
    .argument('<scheme>', 'name of the cluster scheme in the config')
    .description('fit the clusters anew and save the model that later runs apply')
    .action(action(wantsJson, fit));
  withCommonOptions(cluster.command('apply'))
    .argument('<scheme>', 'name of the cluster scheme in the config')
    .description('apply the saved model: customers per cluster')
    .option('--sql <table>', 'print the query that assigns the customers of this table instead')
    .action(action(wantsJson, apply));
  withCommonOptions(cluster.command('profile'))
    .argument('<scheme>', 'name of the cluster scheme in the config')
    .description('what tells the clusters of the saved model apart')
    .action(action(wantsJson, profile));
}
