import { countWords, percent } from '@basketwise/data/base';
import {
  aboutTexts,
  campaignName,
  contactText,
  countedRuns,
  decisionText,
  mainOutcomes,
  mainRun,
  needText,
  outcomeSentences,
} from '@basketwise/offers';
import { type Cell, formatNumber, type Html, html, table } from '@basketwise/page';
import { intervalChart } from '@basketwise/page/charts';
import { outcomeTables } from '../outcomes/outcome-table.ts';
import { offersBehindText } from './quality-figures.ts';
import type { PublicReport } from './run-report.ts';

type PublishedOutcomes = NonNullable<PublicReport['outcomes']>;

/** Largest number of rows for one kind of group in the report. */
const shownGroups = 20;

/** Tables of the outcomes with a comparison: those of all runs together or, without them, of the newest run with a control. */
function groupTables({ outcomes, names }: PublishedOutcomes): Html {
  const run = mainRun(outcomes);
  const { tables, notes } = outcomeTables(
    outcomes.filter((one) => one.run === run),
    names,
    shownGroups,
  );
  const title = `Groups with a comparison, of each kind the ${shownGroups} with most offers: customers`;
  return html`${tables.map(({ head, rows }) => table(`${title} ${head[1]}, and ${head[3]}`, head, rows))}
${notes.map((text) => html`<p class="note">${text}</p>`)}`;
}

/** Beginning of the sentence on the next step: whether the run needs approvals first. */
function publishedText({ approvals }: NonNullable<PublicReport['contactList']>): string {
  return approvals === null
    ? 'This run needs no approval. Now'
    : `This run is published only after its approvals (${approvals}). Then`;
}

/** Paragraph on the offers of this run, and on the next step. */
function newOffersText(
  run: string,
  offers: NonNullable<PublicReport['offers']>,
  contactList: NonNullable<PublicReport['contactList']>,
  outcomes: PublishedOutcomes,
): string {
  const { offered } = offers.all;
  const contacts = {
    ...{ list: `${contactList.file} of the run ${run}`, customers: offered },
    hasControl: offers.control.customers !== 0,
  };
  return (
    `New offers of this run, without purchases yet: ${offered === null ? 'customers to contact, whose number is not shown' : `${formatNumber(offered)} customers to contact`};` +
    ` ${countWords(offers.control.decided)} more are in the control and left alone. ${contactText(outcomes, contacts, publishedText(contactList))}`
  );
}

/** Printable page on the effect of earlier offers: the decision that follows, a sentence and an interval for each campaign, and this run's offers. */
function effectSheet(report: PublicReport, outcomes: PublishedOutcomes): Html {
  const { referenceDate, run, offers, contactList } = report;
  const estimates = mainOutcomes(outcomes.outcomes).flatMap(({ by, value, isProof, difference }) =>
    isProof && difference
      ? [
          {
            label: campaignName({ by, value }),
            ...{ mean: difference.value && 100 * difference.value, low: 100 * difference.low, high: 100 * difference.high },
          },
        ]
      : [],
  );
  const sentences = outcomeSentences(outcomes).map(({ group, text }) => html`<li><b>${group}</b>: ${text}</li>`);
  const decision = `${decisionText(outcomes)} ${needText(outcomes)}`.trim();
  const decided =
    offers && contactList ? `${newOffersText(run, offers, contactList, outcomes)} ${offersBehindText(report)}`.trimEnd() : null;
  return html`<section class="sheet"><h2 id="outcomes">Effect of earlier offers</h2>
<p class="note">As of ${referenceDate}, run ${run}.</p>
${decision && html`<p><b>${decision}</b></p>`}
<ul>${sentences}</ul>
${decided && html`<p>${decided}</p>`}
${estimates.length > 0 ? intervalChart('Bought more often because of the first contact', 'percentage points', estimates) : ''}
<div class="about">${aboutTexts(outcomes).map((text) => html`<p>${text}</p>`)}</div></section>`;
}

/**
 * Section on the effect of the first contact: purchases of contacted customers against those of the control. Covers earlier runs
 * whose purchase window has ended. One printable page comes first, then the tables.
 */
export function outcomeSection(report: PublicReport): Html {
  const { outcomes } = report;
  if (!outcomes || outcomes.runs.length === 0) return html``;
  return html`${effectSheet(report, outcomes)}
${groupTables(outcomes)}
${probabilityTable(outcomes)}`;
}

const offersText = 'All offers of this run to contacted customers, also later ones of a customer.';
const listsText = 'All products on the lists of this run.';
const probabilityText =
  'A check of the model, not of the offers. Ten equal parts from the least to the most probable. Expected: mean probability, learned from' +
  ' earlier purchases. Bought: share with a purchase, a range because numbers are rounded. Bought above expected: the contacts added' +
  ' purchases, or probabilities are too low. Below: they are too high. A dash is a hidden number, as above.';

/**
 * Table of the last run's probabilities against purchases, by tenths of its offers. Empty if all numbers of purchases are too
 * small to publish, or if the section does not cover the last run.
 */
function probabilityTable(outcomes: PublishedOutcomes): Html {
  const last = outcomes.runs.at(-1)!;
  const bands = outcomes.calibration.filter(({ run }) => run === last.run);
  if (!countedRuns(outcomes).includes(last) || bands.every(({ boughtLow }) => boughtLow === null)) return html``;
  const rows = bands.map(({ band, offers, expected, boughtLow, boughtHigh }): Cell[] => [
    ...[band, offers, expected && percent(expected, 2)],
    boughtLow === null ? null : `${percent(boughtLow, 2)} to ${percent(boughtHigh!, 2)}`,
  ]);
  const title = `Published probabilities of the run of ${last.date} against purchases`;
  return html`${table(title, ['tenth', 'offers', 'expected', 'bought'], rows)}
<p class="note">${last.hasOffers ? offersText : listsText} ${probabilityText}</p>`;
}
