import { checkServer, type ExtractRequest } from '@basketwise/data';
import { type EngineModule, type HiveLike, type SourceConfig, serverSource } from '@basketwise/pipeline';
import { hiveTarget } from './publication.ts';
import { pushdownSite } from './pushdown/site.ts';
import { HiveEngine } from './server/engine.ts';
import { fromWorkTables } from './server/work-tables.ts';
import { describeServer, hiveLikeOf, hiveSettings, runWorkTables } from './settings.ts';

/** Hive as an engine of the job, and Spark, which has the same protocol. With pushdown, customers stay on the server. */
export const engine: EngineModule = {
  async open({ source, path, workbench }) {
    const hive = new HiveEngine(sourceSettings(source, path));
    const opened = await serverSource(hive, workbench);
    return { ...opened, prepare: (request) => hiveRequest(request, source, hive) };
  },
  async *check({ source, path }, request, signal) {
    const settings = sourceSettings(source, path);
    const hive = new HiveEngine(settings);
    yield* checkServer(hive, describeServer(settings), hiveRequest(request, source, hive), signal);
  },
  target: (settings, to) => hiveTarget(settings, to as HiveLike),
  site: pushdownSite,
  workTables: runWorkTables,
};

/** Makes a request read the work tables (precomputed tables) instead of the sources, if the config names some. */
function hiveRequest(request: ExtractRequest, source: SourceConfig, { dialect }: HiveEngine): ExtractRequest {
  const tables = source[hiveLikeOf(source)]?.work_tables;
  return tables ? fromWorkTables(request, tables, dialect) : request;
}

function sourceSettings(source: SourceConfig, path: (relative: string) => string) {
  return hiveSettings(source, path, process.env, hiveLikeOf(source));
}
