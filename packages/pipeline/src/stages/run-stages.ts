import { bug } from '@basketwise/core';
import type { Config } from '../config/schema.ts';
import type { MadeOf } from '../run/stage-record.ts';
import { basis, type Given, givenOf, hashed } from './made-of.ts';
import type { Done, RunPlan } from './site.ts';
import { type AnyStage, type EachStage, type Night, namesOfStage, type Results, type Stage } from './stage.ts';

/** Names of the stages that the job of a config has, in order. */
export function stageNames(stages: readonly AnyStage[], config: Config): string[] {
  return stages.flatMap((stage) => namesOfStage(stage, config).map(({ name }) => name));
}

/** Function from the name of a stage to its inputs. Null for a stage that is never taken from another run, and if the bank's tables have no hash. */
export function madeOfStages(stages: readonly AnyStage[], plan: RunPlan): (name: string) => Promise<MadeOf | null> {
  const given: Given | null = givenOf(plan);
  if (given === null) return async () => null;
  const base = basis(plan);
  const byName = new Map(
    stages.flatMap((stage) => namesOfStage(stage, given.config).map(({ name, one }) => [name, { stage, one }])),
  );
  return async (name) => {
    const found = byName.get(name);
    return found?.stage.madeOf ? hashed({ ...base, ...(await found.stage.madeOf(given, found.one)) }) : null;
  };
}

/** Runs the stages of a job, one after the other. @throws AppError as the stages */
export async function runStages(stages: readonly AnyStage[], night: Night): Promise<Results> {
  const done = new Map<AnyStage, readonly Done<unknown, unknown>[]>();
  const results = resultsOf(done);
  for (const stage of stages) done.set(stage, await runStage(stage, night, results));
  return results;
}

async function runStage(stage: AnyStage, night: Night, results: Results): Promise<Done<unknown, unknown>[]> {
  const { config } = night.plan.settings;
  const names = namesOfStage(stage, config);
  if (names.length === 0) return 'each' in stage ? [] : [{ summary: stage.without, take: async () => undefined }];
  const done: Done<unknown, unknown>[] = [];
  for (const { name, one } of names) {
    let live: { is: unknown } | undefined;
    const summary = await night.context.folder.stage({
      name,
      ...(stage.key && { key: () => stage.key!(night) }),
      ...(stage.accepts && { accepts: (found: unknown) => stage.accepts!(found, config) }),
      work: async () => {
        const result = await stage.work(night, results, one);
        if (result.live !== undefined) live = { is: result.live };
        return result;
      },
    });
    await stage.after?.(summary, night);
    const take = async () => {
      const { is } = live ?? { is: await stage.read?.(summary, night) };
      live = stage.isShared && { is };
      return is;
    };
    done.push({ summary, take });
  }
  return done;
}

function resultsOf(done: ReadonlyMap<AnyStage, readonly Done<unknown, unknown>[]>): Results {
  const all = (stage: AnyStage) => {
    const found = done.get(stage);
    if (found) return found;
    throw bug(`stage ${stage.name} was asked for before it came`);
  };
  return {
    of: <Summary, Live>(stage: Stage<Summary, Live>) => all(stage as AnyStage)[0] as Done<Summary, Live>,
    each: <Summary, Live>(stage: EachStage<Summary, Live>) => all(stage as AnyStage) as readonly Done<Summary, Live>[],
  };
}
