// Checks package-lock.json: every fetched package has a hash and an allowed licence. The licences of shipped packages are more restricted
// than those of packages for build and test.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const shipped = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'Unlicense']);
const unshipped = new Set([...shipped, 'BlueOak-1.0.0', 'CC0-1.0', 'MPL-2.0', 'Python-2.0']);

/** Whether every licence that an SPDX expression names is allowed. */
function isAllowed(licence, allowed) {
  const names = licence.match(/[A-Za-z0-9.+-]+/g) ?? [];
  return names.length > 0 && names.every((name) => ['AND', 'OR'].includes(name) || allowed.has(name));
}

/** Faults of the packages of a lock file, in its order. */
export function faultsOf({ packages }) {
  return Object.entries(packages).flatMap(([path, { link, integrity, license, dev, devOptional }]) => {
    if (link || !path.includes('node_modules/')) return [];
    const faults = [];
    if (!integrity?.startsWith('sha512-')) faults.push(`${path}: no sha512 in package-lock.json`);
    if (typeof license !== 'string') faults.push(`${path}: no licence in package-lock.json`);
    else if (!isAllowed(license, dev || devOptional ? unshipped : shipped)) faults.push(`${path}: licence ${license}`);
    return faults;
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const faults = ['package-lock.json', 'site/package-lock.json'].flatMap((file) => {
    const lock = JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8'));
    return faultsOf(lock).map((fault) => `${file}: ${fault}`);
  });
  for (const fault of faults) console.error(`check-lock: ${fault}`);
  if (faults.length > 0) process.exit(1);
}
