import { hiveDialect, type StatementOptions } from '@basketwise/data';
import type { HiveEngine } from './engine.ts';

/** Database in which a run makes its tables, and the prefix of their names. */
export interface RunTablesPlace {
  schema: string;
  prefix: string;
  format: 'orc' | 'parquet';
}

const tableRoles = ['customers', 'products', 'holdings', 'entries', 'baskets', 'facts', 'lists', 'events', 'acquired'] as const;

/** Roles of the tables that a pushdown run makes in Hive. */
export type RunTableRole = (typeof tableRoles)[number] | `cluster_${number}`;

/** Tables that one run makes in Hive. They are named after the run, and dropped at its end. */
export class RunTables {
  readonly #hive: HiveEngine;
  readonly #place: RunTablesPlace;
  readonly #run: string;

  /** @param run identifies the run, by letters and digits */
  constructor(hive: HiveEngine, place: RunTablesPlace, run: string) {
    this.#hive = hive;
    this.#place = place;
    this.#run = run;
  }

  /** Name of the table of a role, quoted. */
  named(role: RunTableRole): string {
    const { schema, prefix } = this.#place;
    return `${hiveDialect.identifier(schema)}.${hiveDialect.identifier(`${prefix}run_${this.#run}_${role}`)}`;
  }

  /** Makes a table from a query. An older table of the name is replaced. */
  async make(role: RunTableRole, select: string, options: StatementOptions): Promise<string> {
    return await this.#anew(role, `STORED AS ${this.#place.format.toUpperCase()} AS ${select}`, options);
  }

  /** Makes an empty table with these columns. An older table of the name is replaced. */
  async declare(role: RunTableRole, columns: Readonly<Record<string, string>>, options: StatementOptions): Promise<string> {
    const declared = Object.entries(columns).map(([name, type]) => `${hiveDialect.identifier(name)} ${type}`);
    return await this.#anew(role, `(${declared.join(', ')}) STORED AS ${this.#place.format.toUpperCase()}`, options);
  }

  /**
   * Drops all tables of the run that exist.
   * @param schemes number of cluster schemes, which have a table each
   */
  async drop(schemes: number, options: StatementOptions): Promise<void> {
    const clusters = Array.from({ length: schemes }, (_, i) => `cluster_${i}` as const);
    for (const role of [...tableRoles, ...clusters]) await this.#drop(role, options);
  }

  async #anew(role: RunTableRole, rest: string, options: StatementOptions): Promise<string> {
    await this.#drop(role, options);
    await this.#hive.run(`CREATE TABLE ${this.named(role)} ${rest}`, options);
    return this.named(role);
  }

  async #drop(role: RunTableRole, options: StatementOptions): Promise<void> {
    await this.#hive.run(`DROP TABLE IF EXISTS ${this.named(role)}`, { ...options, repeatable: true });
  }
}
