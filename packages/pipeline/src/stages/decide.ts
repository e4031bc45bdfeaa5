import { basename } from 'node:path';
import type { CampaignResults, PlainDate } from '@basketwise/core';
import { hasContacts, type Snapshot, writeOffers } from '@basketwise/data';
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
  type Resting,
  type RestingAbout,
  variantsOf,
} from '@basketwise/offers';
import { type Settings, settingsPath } from '../config/load.ts';
import { writtenAs } from '../config/written-as.ts';
import { controlRuns, offeringNights, offeringRuns, writeOfferedBefore } from '../run/offered-before.ts';
import { keyOfNights } from '../run/published-runs.ts';
import type { StageResult } from '../run/run-folder.ts';
import { cluster } from './cluster.ts';
import { clusterParts, nightsOfControl } from './made-of.ts';
import { publicationParts, publish } from './publish.ts';
import type { Night, Results, Stage } from './stage.ts';
import { learnedCampaigns, listCampaign } from './train.ts';

/** Stage that decides the offers, and writes them and the contact list. Its summary is null if the config has no offers. */
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

/**
 * Key of the published runs before a date. Their offers to the control start cool-off periods. Their customers count as customers of earlier offers.
 */
async function nightsBefore(settings: Settings, date: PlainDate): Promise<string> {
  return keyOfNights(await offeringNights(settingsPath(settings, settings.config.output.dir), date));
}

async function decideNight(night: Night, done: Results): Promise<StageResult<OfferSummary>> {
  const { context } = night;
  const campaigns = await listsOfCampaigns(night, done);
  const { decided, before } = await offersFromLists(context, done, campaigns);
  context.tell('writing offers');
  const names = campaigns.map(({ campaign }) => campaign);
  const written = await writeOffers(await context.snapshot(), decided.results, names, {
    ...writtenAs(context.settings.config.output),
    ...{ folder: context.folder.path, pool: await context.pool(), signal: context.signal },
  });
  return { files: [...written.files.map((file) => basename(file)), before], summary: decided.summary };
}

/** Decides offers from the lists of all campaigns. Also writes the file of customers in earlier offers; `before` is its name. */
async function offersFromLists(context: Night['context'], done: Results, campaigns: readonly CampaignResults[]) {
  const { settings, signal, referenceDate, folder } = context;
  const offers = settings.config.offers!;
  const snapshot = await context.snapshot();
  const { engine, customerCount: customers, manifest } = snapshot;
  context.tell('reading the data of customers');
  // The engine draws the arms while this process prepares the lists.
  const drawing = drawArms(engine, 'customers', customers, offers.control, signal);
  drawing.catch(() => undefined); // Prevents an unhandled rejection; code that awaits `drawing` still gets the error.
  const products = await snapshot.products();
  const codes = new ProductCodes(products);
  const items = offeredItems(campaigns, codes, offers);
  const groups = await groupsOfCapacities(context, snapshot, done);
  const drawn = offers.experiment && (await drawArms(engine, 'customers', customers, offers.experiment, signal));
  const runs = settingsPath(settings, settings.config.output.dir);
  const before = await writeOfferedBefore(engine, await offeringRuns(runs, referenceDate), folder.path);
  const names = campaigns.map(({ campaign }) => campaign);
  const about = { ...items, campaigns: names, products, control: async () => (await drawing).control };
  const resting = await restingItems(context, snapshot, runs, about);
  context.tell('deciding');
  const decided = await decideVariants({
    ...{
      pool: await context.pool(),
      variants: variantsOf(offers),
      inVariant: drawn?.control ?? null,
      campaigns,
      products,
      codes,
    },
    ...{ values: manifest.offers?.values, items, groups, resting, drawing, signal },
  });
  return { decided, before };
}

/** Groups of customers (clusters and segments) whose offers capacities limit. */
async function groupsOfCapacities(
  { settings, folder, signal }: Night['context'],
  { engine, customerCount }: Snapshot,
  done: Results,
): ReturnType<typeof capacityGroups> {
  const { capacity, experiment } = settings.config.offers!;
  const capacities = [capacity, experiment?.capacity ?? {}].flatMap((some) => Object.values(some));
  const isGrouped = capacities.some(({ cluster: number }) => number !== undefined);
  const clusters = isGrouped ? await done.of(cluster).take() : new Map();
  const segments = `read_parquet(${engine.dialect.text(folder.file('segments.parquet'))})`;
  return await capacityGroups(engine, capacities, segments, clusters, customerCount, signal);
}

/**
 * Offers that a cool-off period excludes, for each customer. Cool-off periods start at contacts, and at offers of earlier runs to
 * customers of the control.
 */
async function restingItems(
  { settings, referenceDate, folder, signal }: Night['context'],
  { engine, customerCount, manifest }: Snapshot,
  runs: string,
  about: Pick<RestingAbout, 'items' | 'countedAs' | 'campaigns' | 'products'> & { control: () => Promise<Uint8Array> },
): Promise<Resting> {
  const { contacts: terms } = settings.config.offers!;
  const made = hasContacts(manifest) ? `read_parquet(${engine.dialect.text(folder.file('snapshot/contacts.parquet'))})` : null;
  const earlier = await controlRuns(runs, longestRest(terms, referenceDate), referenceDate);
  const contacts = contactsAndMissed(engine, made, earlier, settings.config.tables.contacts?.by ?? 'code');
  if (contacts === null) return nothingRests(customerCount);
  return await findResting(engine, contacts, terms, referenceDate, { ...about, control: await about.control() }, signal);
}

/**
 * Lists of all campaigns, with the probability of a purchase for each entry. The publishing stage makes them. If it
 * was skipped or taken from another run, the lists are computed again.
 */
async function listsOfCampaigns(night: Night, done: Results): Promise<readonly CampaignResults[]> {
  const lists = (await done.of(publish).take()) ?? (await listsAgain(night, done));
  const { rate } = night.context.settings.config.offers!;
  return rate === undefined ? lists : lists.map((one) => withRate(one, rate));
}

/**
 * Multiplies the probabilities of the next product by `rate`. The results are probabilities of a purchase within a window.
 * @param rate purchases per customer and window
 */
function withRate({ units, ...results }: CampaignResults, rate: number): CampaignResults {
  return { ...results, units: { ...units, probability: units.probability?.map((next) => rate * next) } };
}

async function listsAgain({ context, site }: Night, done: Results): Promise<CampaignResults[]> {
  const bank = await site.bank(done.of(cluster));
  const lists: CampaignResults[] = [];
  for (const campaign of learnedCampaigns(done, context.settings.config)) {
    lists.push((await listCampaign(context, bank, campaign)).results);
  }
  return lists;
}
