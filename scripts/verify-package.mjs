// Runs in the tarball of `npm run airgap` after npm has unpacked it, and fails the installation if a file differs from the packed one.
// `sha256sum --quiet -c SHA256SUMS` does the same by hand.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const sums = 'SHA256SUMS';

const wanted = new Map(
  readFileSync(join(folder, sums), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => [line.slice(66), line.slice(0, 64)]),
);
const found = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => !entry.isDirectory() && !entry.parentPath.includes(`${sep}.bin`))
  .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
  .filter((file) => file !== sums);
const faults = [
  ...[...wanted.keys()].filter((file) => !found.includes(file)).map((file) => `${file} is missing`),
  ...found.flatMap((file) => {
    const sum = wanted.get(file);
    if (sum === undefined) return [`${file} was not packed`];
    return createHash('sha256')
      .update(readFileSync(join(folder, file)))
      .digest('hex') === sum
      ? []
      : [`${file} is damaged`];
  }),
];
if (faults.length > 0) {
  console.error(`basketwise: this is not the package that was made:\n  ${faults.slice(0, 10).join('\n  ')}`);
  process.exit(1);
}
