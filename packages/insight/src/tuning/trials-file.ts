import { createHash } from 'node:crypto';
import { readSealed, writeSealed } from '@basketwise/pipeline';
import type { TrialParameters } from './search-space.ts';

/** Trial as it is saved and reported. */
export interface TuningTrial {
  campaign: string;
  parameters: TrialParameters;
  /**
   * Share of the test customers and sweeps that the trial used. It is below 1 if successive halving dropped the trial before the
   * last round.
   */
  share: number;
  /** Mean of the metric over the test customers that the trial used, in the inner window. */
  score: number;
}

interface Kept {
  key: string;
  trials: TuningTrial[];
}

/** File with the finished trials of a tuning. A tuning that was stopped continues from it. */
export class TrialsFile {
  readonly #path: string;
  readonly #kept: Kept;

  private constructor(path: string, kept: Kept) {
    this.#path = path;
    this.#kept = kept;
  }

  /**
   * Opens the file. Trials made with other data, another config or another program are discarded, and a damaged file counts as
   * empty.
   * @param about value that identifies data, config and program
   */
  static async open(path: string, about: unknown): Promise<TrialsFile> {
    const key = createHash('sha256').update(JSON.stringify(about)).digest('hex');
    const found = await readSealed<Kept>(path);
    return new TrialsFile(path, found?.key === key ? found : { key, trials: [] });
  }

  /** Score of a trial; undefined if it is not finished. */
  scoreOf(campaign: string, parameters: TrialParameters, share: number): number | undefined {
    const wanted = JSON.stringify(parameters);
    return this.#kept.trials.find(
      (trial) => trial.campaign === campaign && trial.share === share && JSON.stringify(trial.parameters) === wanted,
    )?.score;
  }

  /** Adds a trial, and saves the file at once. */
  async add(trial: TuningTrial): Promise<void> {
    this.#kept.trials.push(trial);
    await writeSealed(this.#path, this.#kept);
  }
}
