import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { smallBank, startBasketwise, writeBank } from './small-bank.ts';

test('a program that is still running ends with the folder of its bank', async () => {
  const { folder, remove } = await writeBank(smallBank());
  const { child, said } = startBasketwise(folder, ['run']);
  await said('extract');
  await remove();
  expect([child.exitCode, child.signalCode]).toEqual([null, 'SIGKILL']);
  expect(existsSync(folder)).toBe(false);
});
