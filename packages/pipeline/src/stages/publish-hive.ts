import { HiveEngine, type PublishedCampaign, publishToHive } from '@basketwise/data';
import { settingsPath } from '../config/load.ts';
import type { StageResult } from '../run/run-folder.ts';
import { hiveSettings } from '../source/hive-settings.ts';
import type { Workshop } from './workshop.ts';

/** Puts the run's recommendations into the Hive table of the config, in place of those of the same reference date. */
export async function publishHive(workshop: Workshop): Promise<StageResult<readonly PublishedCampaign[]>> {
  const { settings, folder, referenceDate, signal } = workshop;
  const { output, campaigns } = settings.config;
  const { table, shared } = output.hive!;
  const { engine } = await workshop.snapshot();
  const hive = new HiveEngine(hiveSettings(settings));
  try {
    const summary = await publishToHive(
      hive,
      engine,
      `read_parquet(${engine.dialect.text(folder.file('recommendations.parquet'))})`,
      {
        ...{ table, referenceDate, campaigns: Object.keys(campaigns), run: folder.identity.hash.slice(0, 8) },
        shared: shared && settingsPath(settings, shared),
      },
      { signal, step: (step, campaign) => workshop.tell(campaign ? `${step} ${campaign}` : step) },
    );
    return { files: [], summary };
  } finally {
    await hive.close();
  }
}
