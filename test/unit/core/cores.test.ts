import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { coreQuota, usableCores } from '@basketwise/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'basketwise-cgroup-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Makes /proc and /sys as a kernel shows them. */
async function machine(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), `${text}\n`);
  }
}

const v1 = '11:memory:/x\n4:cpu,cpuacct:/docker/1a2b\n3:cpuset:/\n0::/docker/1a2b';
const cases: [string, Record<string, string>, number | undefined][] = [
  ['no control groups', {}, undefined],
  [
    'version 2 in a container: the group is the root',
    { 'proc/self/cgroup': '0::/', 'sys/fs/cgroup/cpu.max': '150000 100000' },
    1.5,
  ],
  [
    'version 2 without a limit',
    { 'proc/self/cgroup': '0::/user.slice', 'sys/fs/cgroup/user.slice/cpu.max': 'max 100000' },
    undefined,
  ],
  [
    'version 2, a service: the limit of the slice that it is in holds too',
    {
      'proc/self/cgroup': '0::/system.slice/basketwise.service',
      'sys/fs/cgroup/system.slice/cpu.max': '200000 100000',
      'sys/fs/cgroup/system.slice/basketwise.service/cpu.max': '600000 100000',
    },
    2,
  ],
  [
    'version 1, own folder',
    {
      'proc/self/cgroup': v1,
      'sys/fs/cgroup/cpu,cpuacct/docker/1a2b/cpu.cfs_quota_us': '300000',
      'sys/fs/cgroup/cpu,cpuacct/docker/1a2b/cpu.cfs_period_us': '100000',
    },
    3,
  ],
  [
    'version 1 in a container: the group is mounted as the root',
    {
      'proc/self/cgroup': v1,
      'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '50000',
      'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000',
    },
    0.5,
  ],
  [
    'version 1 without a limit',
    { 'proc/self/cgroup': v1, 'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1', 'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000' },
    undefined,
  ],
  [
    'both versions side by side',
    {
      'proc/self/cgroup': '4:cpu:/job\n0::/job',
      'sys/fs/cgroup/cpu/job/cpu.cfs_quota_us': '400000',
      'sys/fs/cgroup/cpu/job/cpu.cfs_period_us': '100000',
      'sys/fs/cgroup/unified/job/cgroup.procs': '',
    },
    4,
  ],
  ['a limit of another controller', { 'proc/self/cgroup': '4:cpuset:/job', 'sys/fs/cgroup/cpu.max': '100000 100000' }, undefined],
];

test.each(cases)('quota: %s', async (_, files, quota) => {
  await machine(files);
  expect(coreQuota(root)).toBe(quota);
});

describe('threads to use', () => {
  test.each([
    [8, 2, 2],
    [8, 2.9, 2],
    [8, 0.5, 1],
    [2, 16, 2],
  ])('of %d cores with a quota of %d: %d', (cores, quota, usable) => {
    expect(usableCores(cores, quota)).toBe(usable);
  });
});
