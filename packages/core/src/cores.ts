import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, posix } from 'node:path';

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined; // The file does not exist: no such control group, or another version.
  }
}

/** Cores of a limit, `quota / period`; undefined without a limit ('max' in version 2, -1 in version 1). */
function coresOf(quota: string | undefined, period: string | undefined): number | undefined {
  const cores = Number(quota) / Number(period);
  return Number.isFinite(cores) && cores > 0 ? cores : undefined;
}

/** Limit of a folder of control groups: version 2 has cpu.max (`QUOTA PERIOD`), version 1 two files. */
function limitOf(folder: string): number | undefined {
  const [quota, period] = readText(join(folder, 'cpu.max'))?.split(/\s+/) ?? [];
  return (
    coresOf(quota, period) ?? coresOf(readText(join(folder, 'cpu.cfs_quota_us')), readText(join(folder, 'cpu.cfs_period_us')))
  );
}

/** Paths of a control group and its parents, up to the root. The limit of each applies. */
function withParents(path: string): string[] {
  return path === '/' || path === '.' ? ['/'] : [path, ...withParents(posix.dirname(path))];
}

/**
 * Processor time that the control groups of this process allow, in cores: the least limit of its group and the group's parents.
 * Undefined without a limit.
 * @param root parent folder of /proc and /sys
 */
export function coreQuota(root = '/'): number | undefined {
  const limits: number[] = [];
  for (const line of readText(join(root, 'proc/self/cgroup'))?.split('\n') ?? []) {
    const [, controllers = '', path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const isUnified = controllers === '';
    if (!isUnified && !controllers.split(',').includes('cpu')) continue;
    const mounts = isUnified ? ['', 'unified'] : ['cpu', controllers];
    // In a container the path may be the host's, although the group is mounted as the root.
    for (const mount of mounts)
      for (const group of withParents(path)) limits.push(limitOf(join(root, 'sys/fs/cgroup', mount, group)) ?? Infinity);
  }
  const least = Math.min(...limits);
  return Number.isFinite(least) ? least : undefined;
}

/**
 * Number of threads that this process can keep busy: its available cores, limited to the whole cores of its control group. At
 * least 1.
 */
export function usableCores(cores = availableParallelism(), quota = coreQuota()): number {
  return Math.max(1, Math.min(cores, Math.floor(quota ?? cores)));
}
