import { required } from '@basketwise/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepTalkOf } from '../privacy/talk.ts';
import { Cage, whyNoCage } from './cage.ts';
import { pointsOf, sample } from './points.ts';
import { PowerCuts } from './power-cut.ts';
import { openScenarios, scenarioNames } from './scenarios.ts';
import { type Baseline, baselineOf, Sweep, severalAtATime, type Verdict, whyBroken } from './sweep.ts';

// Some points of the sweep; `npm run claim -- faults` does all of them.
const why = whyNoCage();
const points = 36;
const states = 12;
const seed = 1;

let cage: Cage;
let sweep: Sweep;
const baselines = new Map<string, Baseline>();
beforeAll(async () => {
  if (why !== undefined) return;
  cage = await Cage.open();
  sweep = new Sweep(cage);
  for (const scenario of await openScenarios(cage)) baselines.set(scenario.name, await baselineOf(cage, scenario));
});
afterAll(() => {
  if (why !== undefined) return;
  sweep.close();
  keepTalkOf(cage.folder);
  cage.close();
});

const violated = (verdicts: readonly Verdict[]) =>
  verdicts.filter(({ violations }) => violations.length > 0).map(({ text, violations }) => `${text}: ${violations.join('; ')}`);

for (const name of scenarioNames) {
  test.skipIf(why !== undefined)(
    `${name}: after a fault or a kill the next run goes on to the same bytes${because(why)}`,
    async () => {
      const baseline = required(baselines, name);
      const chosen = sample(pointsOf(baseline.log), ({ op, kind, reads }) => `${op} ${kind} ${reads}`, points, seed);
      const verdicts = await severalAtATime(chosen, (fault) => sweep.putFault(baseline, fault));
      expect(chosen.length).toBeGreaterThan(0);
      expect(violated(verdicts)).toEqual([]);
    },
  );

  test.skipIf(why !== undefined)(
    `${name}: after a power cut latest is whole, and the next run goes on to the same bytes${because(why)}`,
    async () => {
      const baseline = required(baselines, name);
      const cuts = [...new PowerCuts(baseline.scenario.from, cage.work).states(baseline.log, baseline.data, 4)];
      const broken = cuts.flatMap((cut) => {
        const why = whyBroken(baseline, cut);
        return why === undefined ? [] : [`${cut.what}: ${why}`];
      });
      expect(cuts.length).toBeGreaterThan(0);
      expect(broken).toEqual([]);
      const chosen = sample(cuts, ({ what }) => what.split(', ')[1]!.replace(/\d+/, ''), states, seed);
      const verdicts = await severalAtATime(chosen, (cut) => sweep.putState(baseline, cut));
      expect(violated(verdicts)).toEqual([]);
    },
  );
}

function because(reason: string | undefined): string {
  return reason === undefined ? '' : ` (${reason})`;
}
