import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { faultsOf } from '../../scripts/check-lock.mjs';

const sound = { version: '1.0.0', integrity: 'sha512-AAAA', license: 'MIT' };
const faults = (entry: object) => faultsOf({ packages: { 'node_modules/thing': { ...sound, ...entry } } });

test.each(['package-lock.json', 'site/package-lock.json'])(
  'every package of %s has its hash and a licence that we may use',
  (file) => {
    expect(faultsOf(JSON.parse(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')))).toEqual([]);
  },
);

test('a package without hash, with a weak one, without licence or under another is reported', () => {
  expect(faults({})).toEqual([]);
  expect(faults({ integrity: undefined })).toEqual(['node_modules/thing: no sha512 in package-lock.json']);
  expect(faults({ integrity: 'sha1-AAAA' })).toEqual(['node_modules/thing: no sha512 in package-lock.json']);
  expect(faults({ license: undefined })).toEqual(['node_modules/thing: no licence in package-lock.json']);
  expect(faults({ license: 'GPL-3.0-only' })).toEqual(['node_modules/thing: licence GPL-3.0-only']);
  expect(faults({ license: 'MIT AND GPL-2.0-or-later' })).toHaveLength(1);
  expect(faults({ license: '' })).toHaveLength(1);
});

test('what only builds and tests may be under more licences than what ships', () => {
  expect(faults({ license: 'MPL-2.0' })).toEqual(['node_modules/thing: licence MPL-2.0']);
  expect(faults({ license: 'MPL-2.0', dev: true })).toEqual([]);
  expect(faults({ license: 'GPL-3.0-only', dev: true })).toHaveLength(1);
});

test('packages inside packages count; the packages of this repository are no fetched ones', () => {
  const packages = {
    '': {},
    'packages/cli': {},
    'node_modules/cli': { link: true },
    'node_modules/a/node_modules/b': { license: 'MIT' },
  };
  expect(faultsOf({ packages })).toEqual(['node_modules/a/node_modules/b: no sha512 in package-lock.json']);
});
