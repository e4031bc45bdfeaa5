const timeUnits: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const sizeUnits: Record<string, number> = { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };

/** Largest duration in milliseconds. A timer of more than 2^31 - 1 milliseconds would fire at once. */
const longestTime = 500 * 3_600_000;
const largestSize = 2 ** 50;

/** Parses a duration such as `10s`, `30m`, `2h` or `500ms` to milliseconds. Undefined for an invalid text, or if it is above 500 hours. */
export function parseTime(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?(ms|s|m|h)$/.exec(text.trim());
  const time = match ? Number(match[1]) * timeUnits[match[2]!]! : undefined;
  return time !== undefined && time <= longestTime ? time : undefined;
}

/**
 * Parses a size of memory such as `4GB`, `512 MB` or `1.5GiB` (powers of 1024) to bytes. Undefined for an invalid text, or if the
 * size is below 1 byte or above 1024 TB.
 */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([KMGT]?)i?B$/i.exec(text.trim());
  const size = match ? Math.round(Number(match[1]) * sizeUnits[`${match[2]!.toUpperCase()}B`]!) : 0;
  return size >= 1 && size <= largestSize ? size : undefined;
}
