import type { ValidationFile } from './validation-file.ts';
import { testedWords } from './validation-text.ts';

type Named = readonly { campaign: string }[];

/** Sentence that names the campaigns without a figure, and the reason; empty without campaigns. */
function without(figure: string, campaigns: Named, reason: string): string[] {
  return campaigns.length === 0 ? [] : [`${figure}: ${campaigns.map(({ campaign }) => campaign).join(', ')} (${reason}).`];
}

/** Campaigns of a pack that a list of figures lacks. */
function absent({ models }: ValidationFile, figures: Named): Named {
  return models.filter(({ campaign }) => !figures.some((one) => one.campaign === campaign));
}

function unknownCalibration(file: ValidationFile): string[] {
  const { calibration, brier } = file;
  if (calibration.length === 0) return [];
  const { ratio } = testedWords(file);
  const totals = calibration.filter(({ by, groups }) => by === 'all' && groups.some((one) => one.ratio !== null));
  const parts = brier.filter(({ reliability }) => reliability === null);
  return [
    ...without(ratio, absent(file, totals), 'one of the two numbers is below 10'),
    ...without('Brier score', absent(file, brier), 'too few purchases'),
    ...without('Parts of the Brier score', parts, 'fewer than ten purchases, found or expected'),
  ];
}

function unknownRobustness(file: ValidationFile): string[] {
  const { robustness, losses, length } = file;
  return [
    ...without('Lists after a lost product', absent(file, robustness), 'fewer than 20 customers with a list lost one'),
    ...without(`Loss in NDCG@${length} by wrong inputs`, absent(file, losses), 'fewer than 20 test customers'),
  ];
}

/** Sentence on the groups of protected columns without a recall; empty if all have one. */
function unknownRecall({ exposure, length }: ValidationFile): string[] {
  const groups = exposure.flatMap((one) => one.groups);
  const count = groups.filter(({ recall }) => recall === null).length;
  if (count === 0) return [];
  const reason = 'fewer than 20 test customers, or 1 to 9 with or without a hit';
  return [`Recall@${length} by protected columns: ${count} of ${groups.length} figures (${reason}).`];
}

/** Sentence on the features whose shift is not measured; empty if all are, or if nothing is compared. */
function unknownShifts({ data: { features }, since, drift }: ValidationFile): string[] {
  const known = new Set(
    [...(since === null ? [] : [since]), ...drift].flatMap((one) => one.variables.map(({ variable }) => variable)),
  );
  const absent = known.size === 0 ? [] : features.filter(({ name }) => !known.has(`feature ${name}`)).map(({ name }) => name);
  return absent.length === 0 ? [] : [`Shift (PSI): ${absent.join(', ')} (only features of one column are compared).`];
}

/** Sentences on all figures that a pack lacks: sections that the run cannot fill, then figures of campaigns. */
export function unknownTexts(file: ValidationFile): string[] {
  const { quality, missing, windows, length } = file;
  if (windows.length === 0) return [...missing, 'Calibration, weak slices and robustness: they need test windows.'];
  const untested = quality.filter(({ gain }) => gain === null);
  const few = windows.length > 1 ? quality.filter(({ windows: parts }) => parts.some(({ ndcg }) => ndcg === null)) : [];
  return [
    ...missing,
    ...without(
      `NDCG@${length} of some windows`,
      few.filter((one) => !untested.includes(one)),
      'fewer than 20 test customers in a window',
    ),
    ...without(`NDCG@${length} with its differences to challengers`, untested, 'the section on quality says why'),
    ...unknownCalibration(file),
    ...unknownRobustness(file),
    ...unknownRecall(file),
    ...unknownShifts(file),
  ];
}
