import { readJson, writeJson } from '@basketwise/data/base';
import { type HiveLike, type RunContext, runName, settingsPath } from '@basketwise/pipeline';
import { HiveEngine } from '../server/engine.ts';
import { RunTables } from '../server/run-tables.ts';
import { hiveLikeOf, hiveSettings, runTablesPlace } from '../settings.ts';

/** Number of rows transferred, by kind of data. */
export type FetchedRows = Readonly<Record<string, number>>;

const fetchedFile = 'fetched.json';

/** State of a pushdown run in Hive or Spark: the connection, the tables of the run, and the number of rows transferred. */
export class HiveRun {
  readonly context: RunContext;
  readonly server: HiveLike;
  readonly hive: HiveEngine;
  readonly tables: RunTables;
  #attributed = 0;

  constructor(context: RunContext) {
    const { settings, folder } = context;
    const { source } = settings.config;
    this.context = context;
    this.server = hiveLikeOf(source);
    this.hive = new HiveEngine(hiveSettings(source, (path) => settingsPath(settings, path), process.env, this.server));
    // The same in every attempt, so that a resumed run finds its tables.
    const run = runName(folder.identity).replaceAll('-', '_');
    this.tables = new RunTables(this.hive, runTablesPlace(source, this.server), run);
  }

  /** Options of a statement, with its place for messages: a key of the config, or a stage. */
  at = (place: string) => ({ signal: this.context.signal, place });

  /**
   * Adds the rows transferred during `work` to the count of `what`. If `work` itself calls `counted`, those rows count only
   * there.
   */
  counted = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const [rows, attributed] = [this.hive.rowsFetched, this.#attributed];
    const result = await work();
    const own = this.hive.rowsFetched - rows - (this.#attributed - attributed);
    this.#attributed += own;
    await writeJson(this.context.folder.file(fetchedFile), { ...(await this.fetched()), [what]: own });
    return result;
  };

  /** Number of rows transferred so far by this run, including the runs that it resumes. */
  async fetched(): Promise<FetchedRows> {
    return (await readJson<FetchedRows>(this.context.folder.file(fetchedFile))) ?? {};
  }

  /** Drops the tables of the run. */
  async dropTables(): Promise<void> {
    await this.tables.drop(Object.keys(this.context.settings.config.clusters).length, this.at('pushdown'));
  }

  async close(): Promise<void> {
    await this.hive.close();
  }
}
