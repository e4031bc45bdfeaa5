import { basename } from 'node:path';
import type { CampaignResults, PlainDate } from '@basketwise/core/parts';
import { hasContacts, writeOffers } from '@basketwise/data';
import {
  capacityGroups,
  contactsAndMissed,
  decideVariants,
  drawArms,
  findResting,
  longestRest,
  nothingRests,
  type OfferSummary,
  offeredItems,
  ProductCodes,
  variantsOf,
} from '@basketwise/offers';
import { type Settings, settingsPath } from '../config/load.ts';
import { writtenAs } from '../config/written-as.ts';
import { controlRuns, offeringNights, offeringRuns, writeOfferedBefore } from '../run/offered-before.ts';
import { keyOfNights } from '../run/published-runs.ts';
import type { StageResult } from '../run/run-folder.ts';
import { cluster } from './cluster.ts';
import { learnedCampaigns, listCampaign } from './learned-campaign.ts';
import { clusterParts, nightsOfControl } from './made-of.ts';
import type { Night } from './night.ts';
import { publicationParts, publish } from './publish.ts';
import type { Results, Stage } from './stage.ts';

/** Stage that decides the offers, and writes them and the contact list. Null without offers. */
export const decide: Stage<OfferSummary | null> = {
  name: 'decide',
  when: ({ offers }) => offers !== undefined,
  without: null,
  async madeOf(given) {
    const { config, plan } = given;
    return {
      ...(await publicationParts(given)),
      ...{ offers: config.offers ?? null, segments: config.segments },
      ...(await clusterParts(Object.keys(config.clusters), given)),
      [nightsOfControl]: config.offers ? await nightsBefore(plan.settings, plan.identity.referenceDate) : '',
    };
  },
  key: ({ plan }) => nightsBefore(plan.settings, plan.identity.referenceDate),
  work: decideNight,
};

/** Key of the earlier runs. Their offers to the control start cool-off periods, and their customers are carried over. */
async function nightsBefore(settings: Settings, date: PlainDate): Promise<string> {
  return keyOfNights(await offeringNights(settingsPath(settings, settings.config.output.dir), date));
}

async function decideNight(night: Night, done: Results): Promise<StageResult<OfferSummary>> {
  const { context } = night;
  const { settings, signal, referenceDate, folder } = context;
  const { output } = settings.config;
  const offers = settings.config.offers!;
  const campaigns = await listsOfCampaigns(night, done);
  const snapshot = await context.snapshot();
  const { engine, customerCount: customers, manifest } = snapshot;
  const parquet = (file: string) => `read_parquet(${engine.dialect.text(folder.file(file))})`;
  context.tell('reading the data of customers');
  // The engine draws the arms while lists are joined and classes found.
  const drawing = drawArms(engine, 'customers', customers, offers.control, signal);
  drawing.catch(() => undefined); // The caller that awaits it gets the error.
  const products = await snapshot.products();
  const codes = new ProductCodes(products);
  const items = offeredItems(campaigns, codes, offers);
  const names = campaigns.map(({ campaign }) => campaign);
  const { experiment } = offers;
  const variants = variantsOf(offers);
  const capacities = [offers.capacity, experiment?.capacity ?? {}].flatMap((some) => Object.values(some));
  const isGrouped = capacities.some(({ cluster }) => cluster !== undefined);
  const clusters = isGrouped ? await done.of(cluster).take() : new Map();
  const groups = await capacityGroups(engine, capacities, parquet('segments.parquet'), clusters, customers, signal);
  const drawn = experiment && (await drawArms(engine, 'customers', customers, experiment, signal));
  const made = hasContacts(manifest) ? parquet('snapshot/contacts.parquet') : null;
  const runs = settingsPath(settings, output.dir);
  const before = await writeOfferedBefore(engine, await offeringRuns(runs, referenceDate), folder.path);
  const earlier = await controlRuns(runs, longestRest(offers.contacts, referenceDate), referenceDate);
  const contacts = contactsAndMissed(engine, made, earlier, settings.config.tables.contacts?.by ?? 'code');
  const replaced = new Map(Object.entries(experiment?.instead ?? {}).map(([campaign, other]) => [other, campaign]));
  const placeOf = (campaign: string) => replaced.get(campaign) ?? campaign;
  const resting =
    contacts === null
      ? nothingRests(customers)
      : await findResting(
          engine,
          contacts,
          offers.contacts,
          referenceDate,
          { items: items.items, campaigns: names, products, placeOf, control: (await drawing).control },
          signal,
        );
  context.tell('deciding');
  const pool = await context.pool();
  const values = manifest.offers?.values;
  const { results, summary } = await decideVariants({
    pool,
    variants,
    inVariant: drawn?.control ?? null,
    campaigns,
    products,
    codes,
    values,
    items,
    groups,
    resting,
    drawing,
    signal,
  });
  context.tell('writing offers');
  const written = await writeOffers(snapshot, results, names, {
    ...writtenAs(output),
    ...{ folder: folder.path, pool, signal },
  });
  return { files: [...written.files.map((file) => basename(file)), before], summary };
}

/** Lists of all campaigns: from the publish stage, or recomputed if that was taken from another run. */
async function listsOfCampaigns({ context, site }: Night, done: Results): Promise<readonly CampaignResults[]> {
  const published = await done.of(publish).take();
  if (published) return published;
  const bank = await site.bank(done.of(cluster));
  const lists: CampaignResults[] = [];
  for (const campaign of learnedCampaigns(done, context.settings.config)) {
    lists.push((await listCampaign(context, bank, campaign)).results);
  }
  return lists;
}
