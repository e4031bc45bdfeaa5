import { createHash } from 'node:crypto';
import { readSealed, writeSealed } from '@basketwise/pipeline/parts';
import type { TrialParameters } from './search-space.ts';

/** Trial as saved and reported. */
export interface TuningTrial {
  campaign: string;
  parameters: TrialParameters;
  /** Share of the test customers and of the sweeps in the trial: 1, unless successive halving dropped it earlier. */
  share: number;
  /** Mean of the metric over these customers of the inner split. */
  score: number;
}

interface Kept {
  key: string;
  trials: TuningTrial[];
}

/** Finished trials of a tuning, saved so that a stopped tuning continues. */
export class TrialsFile {
  readonly #path: string;
  readonly #kept: Kept;

  private constructor(path: string, kept: Kept) {
    this.#path = path;
    this.#kept = kept;
  }

  /** Opens the file. Discards trials of other data, another config or another program (`about`), and ignores a damaged file. */
  static async open(path: string, about: unknown): Promise<TrialsFile> {
    const key = createHash('sha256').update(JSON.stringify(about)).digest('hex');
    const found = await readSealed<Kept>(path);
    return new TrialsFile(path, found?.key === key ? found : { key, trials: [] });
  }

  /** Score of a finished trial. */
  scoreOf(campaign: string, parameters: TrialParameters, share: number): number | undefined {
    const wanted = JSON.stringify(parameters);
    return this.#kept.trials.find(
      (trial) => trial.campaign === campaign && trial.share === share && JSON.stringify(trial.parameters) === wanted,
    )?.score;
  }

  /** Saves a trial immediately. */
  async add(trial: TuningTrial): Promise<void> {
    this.#kept.trials.push(trial);
    await writeSealed(this.#path, this.#kept);
  }
}
