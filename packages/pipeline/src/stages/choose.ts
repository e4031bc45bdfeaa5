import { trainingCustomers } from '../campaigns/train.ts';
import type { CampaignPlan } from '../config/campaign-plan.ts';
import { loadBankAt, sampleCustomers } from '../evaluation/bank-at.ts';
import { minimumCustomers } from '../evaluation/bootstrap.ts';
import { calibrateSide } from '../evaluation/calibrate-side.ts';
import type { CampaignChoice } from '../evaluation/campaign-choice.ts';
import { campaignSide } from '../evaluation/campaign-side.ts';
import { candidates } from '../evaluation/candidates.ts';
import { chooseModel } from '../evaluation/choose-model.ts';
import { unchosen } from '../evaluation/unchosen.ts';
import { windowTo } from '../evaluation/windows.ts';
import { fitSpec } from '../models/fit-spec.ts';
import { writeJson } from '../run/files.ts';
import type { StageResult } from '../run/run-folder.ts';
import type { Workshop } from './workshop.ts';

/** Campaigns whose model is to be chosen. */
export function automaticPlans(plans: readonly CampaignPlan[]): CampaignPlan[] {
  return plans.filter(({ model }) => model.kind === 'automatic');
}

/** Chooses the models of the automatic campaigns on what customers bought in the window before the reference date; writes choice.json. */
export async function chooseStage(workshop: Workshop, plans: readonly CampaignPlan[]): Promise<StageResult<CampaignChoice[]>> {
  const { config } = workshop.settings;
  const window = windowTo(workshop.referenceDate, config.evaluate.window, config.evaluate.gap);
  const [pool, snapshot] = [await workshop.pool(), await workshop.snapshot()];
  const bandWeights = config.recency.bands.map(({ weight }) => weight);
  const before = pool.memory.mark();
  const choices: CampaignChoice[] = [];
  for (const { size, seed, some } of bySample(plans)) {
    const sample = sampleCustomers(snapshot.customerCount, size, seed);
    const bank = await loadBankAt(pool, snapshot, config, some, window, sample);
    for (const plan of some) {
      workshop.checkStop();
      workshop.tell(`choosing the model of ${plan.name}`);
      const mark = pool.memory.mark();
      const side = await campaignSide(pool, bank, plan, bandWeights);
      const { data, cases } = side;
      const tested = cases.cases.length;
      const about = { campaign: plan.name, window, customers: bank.customers, trained: trainingCustomers(data.holdings), tested };
      if (tested < minimumCustomers) {
        const warning = `campaigns.${plan.name}: too few customers (${minimumCustomers} are needed) bought anything after ${window.from} up to ${window.to} to choose a model by: the default is used`;
        choices.push({ ...about, spec: unchosen, trials: [], calibration: null, warnings: [warning] });
      } else {
        const from = candidates({ contexts: false, acquisitions: data.acquisitions !== undefined });
        const { spec, trials } = await chooseModel(data, cases, from);
        const calibration = config.calibrate ? await calibrateSide(side, await fitSpec(data, spec), spec, config.top_n) : null;
        choices.push({ ...about, spec, trials, calibration, warnings: [] });
      }
      pool.memory.release(mark);
    }
    pool.memory.release(before);
  }
  const ordered = plans.map(({ name }) => choices.find(({ campaign }) => campaign === name)!);
  await writeJson(workshop.folder.file('choice.json'), ordered);
  return { files: ['choice.json'], summary: ordered };
}

/** Campaigns that look at the same sample of customers. */
function bySample(plans: readonly CampaignPlan[]): { size: number; seed: number; some: CampaignPlan[] }[] {
  const groups = new Map<string, { size: number; seed: number; some: CampaignPlan[] }>();
  for (const plan of plans) {
    const { sample: size = 0, seed = 0 } = plan.model;
    const group = groups.get(`${size} ${seed}`) ?? { size, seed, some: [] };
    group.some.push(plan);
    groups.set(`${size} ${seed}`, group);
  }
  return [...groups.values()];
}
