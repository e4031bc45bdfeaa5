import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { basketwise, smallBank, testBank, unwrapped } from './small-bank.ts';

const bank = smallBank();
const rule = `rules:\n  - { reason: NO_CONSENT, require: "consent = 'Y'" }\n`;
const config = bank.config.replace(rule, '');

async function folderOf(text: string): Promise<{ folder: string; write: (text: string) => Promise<void> }> {
  const { folder } = await testBank({ ...bank, config: text });
  return { folder, write: (other) => writeFile(join(folder, 'basketwise.yaml'), other) };
}

test('a run ends with 78 if a column may be a consent, and no rule uses it, nor does the config say why none is needed', async () => {
  const { folder, write } = await folderOf(config);
  const refusal =
    /basketwise\.yaml:\d+:\d+ tables\.customers: no rule uses consent, and lists would go to customers who may have objected/;
  for (const command of [['run', '--dry-run'], ['run'], ['run']]) {
    const { exitCode, stderr } = await basketwise(folder, ...command);
    expect([command, exitCode, stderr]).toEqual([command, 78, expect.stringMatching(refusal)]);
  }
  for (const command of [['doctor'], ['doctor', '--data']]) {
    const { exitCode, stdout } = await basketwise(folder, ...command);
    expect([command, exitCode, stdout]).toEqual([command, 78, expect.stringMatching(/FAILED +consent/)]);
  }
  expect(existsSync(join(folder, 'out', 'latest'))).toBe(false);
  await write(`${config}consent: { none: "a branch asks" }\n`);
  const served = await basketwise(folder, 'run');
  expect([served.exitCode, unwrapped(served.stderr)]).toEqual([0, expect.stringContaining('a branch asks')]);
  expect((await basketwise(folder, 'doctor')).exitCode).toBe(0);
  // the extraction of an earlier command or run is no way past it
  await write(config);
  expect((await basketwise(folder, 'run')).exitCode).toBe(78);
});

test('profiles and segments need no rule for consent, and a run that takes over their extraction does', async () => {
  const bands = '[{ to: 60, label: young }, { from: 60, label: old }]';
  const { folder } = await folderOf(`${config}segments: { age: { column: age, bands: ${bands} } }\n`);
  for (const command of ['profile', 'segment'])
    expect([command, (await basketwise(folder, command)).exitCode]).toEqual([command, 0]);
  expect((await basketwise(folder, 'run')).exitCode).toBe(78);
});

test.each([
  ['DO_NOT_SOLICIT', [`require: "DO_NOT_SOLICIT = 'N'" }\` (12 customers pass)`], [`= 'Y'`]],
  ['MAY_CONTACT_CONSENT', [`require: "MAY_CONTACT_CONSENT = 'Y'" }\` (48 customers pass)`], [`= 'N'`]],
  ['SOLICIT', [`"SOLICIT = 'Y'" }\` (48 customers pass) or`, `"SOLICIT = 'N'" }\` (12 customers pass)`, 'is not sure'], []],
])(
  'a refused run proposes rules for %s that let no customer pass who objected, or shows both readings',
  async (name, rules, wrong) => {
    const { folder } = await folderOf(config);
    await writeFile(join(folder, 'customers.csv'), bank.customers.replace('consent', name));
    const { exitCode, stderr } = await basketwise(folder, 'run', '--dry-run');
    expect(exitCode).toBe(78);
    for (const text of rules) expect(unwrapped(stderr)).toContain(text);
    for (const text of wrong) expect(stderr).not.toContain(text);
  },
);

test('a run with a rule for a consent warns of objections that no rule uses', async () => {
  const { folder } = await folderOf(bank.config);
  const [head, ...rows] = bank.customers.trim().split('\n');
  const people = rows.map((row, i) => `${row},${i % 10 ? 'N' : 'Y'}`);
  await writeFile(join(folder, 'customers.csv'), [`${head},deceased`, ...people, ''].join('\n'));
  const said = /no rule uses deceased: by its name deceased holds objections: .*"deceased = 'N'/;
  for (const command of [['run', '--dry-run'], ['doctor'], ['run']]) {
    const { exitCode, stdout, stderr } = await basketwise(folder, ...command);
    expect([command, exitCode, (stdout + stderr).replaceAll(/\s+/g, ' ')]).toEqual([command, 0, expect.stringMatching(said)]);
  }
});
