import type { ValidationFile } from './validation-file.ts';

type Group = ValidationFile['calibration'][number]['groups'][number];

/**
 * Verdict on the ratio of a group: of its interval or, if a number is suppressed, of its bound, against 1 and against the bound of the config.
 * @param limit validation.bounds.calibration; undefined without one
 */
export function calibrationVerdict(
  { ratio, least, most }: Pick<Group, 'ratio' | 'least' | 'most'>,
  limit: number | undefined,
): string {
  if (limit !== undefined && least !== null && least > limit) return 'above the bound';
  if (limit !== undefined && most !== null && most < 1 / limit) return 'below the bound';
  const within = limit === undefined ? '' : ', within the bound';
  if (least !== null && least > 1) return `above 1${within}`;
  if (most !== null && most < 1) return `below 1${within}`;
  return ratio === null ? 'not known' : 'level with 1';
}

/** Bound of calibration in a pack; undefined if its config has none. */
export function calibrationLimit({ bounds }: Pick<ValidationFile, 'bounds'>): number | undefined {
  return bounds.find(({ bound }) => bound === 'calibration')?.limit;
}
