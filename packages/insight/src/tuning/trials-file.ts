import { createHash } from 'node:crypto';
import { readSealed, writeSealed } from '@basketwise/pipeline/parts';
import type { TrialParameters } from './search-space.ts';

/** One trial as it is kept and reported. */
export interface TuningTrial {
  campaign: string;
  parameters: TrialParameters;
  /** Share of the test customers and of the sweeps that the trial had: 1 but for those that successive halving dropped. */
  share: number;
  /** Mean of the metric over these customers of the inner split. */
  score: number;
}

interface Kept {
  key: string;
  trials: TuningTrial[];
}

/** The finished trials of a tuning, kept so that one that was stopped goes on where it was. */
export class TrialsFile {
  readonly #path: string;
  readonly #kept: Kept;

  private constructor(path: string, kept: Kept) {
    this.#path = path;
    this.#kept = kept;
  }

  /** Opens the file; trials of other data, another config or another program (`about`) are forgotten, and all of a damaged file. */
  static async open(path: string, about: unknown): Promise<TrialsFile> {
    const key = createHash('sha256').update(JSON.stringify(about)).digest('hex');
    const found = await readSealed<Kept>(path);
    return new TrialsFile(path, found?.key === key ? found : { key, trials: [] });
  }

  /** Score of a trial that is done already. */
  scoreOf(campaign: string, parameters: TrialParameters, share: number): number | undefined {
    const wanted = JSON.stringify(parameters);
    return this.#kept.trials.find(
      (trial) => trial.campaign === campaign && trial.share === share && JSON.stringify(trial.parameters) === wanted,
    )?.score;
  }

  /** Keeps a trial, at once and whole. */
  async add(trial: TuningTrial): Promise<void> {
    this.#kept.trials.push(trial);
    await writeSealed(this.#path, this.#kept);
  }
}
