import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, posix } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Core, createCore } from './front-door/core.ts';
import type { KernelPool } from './wasm/pool.ts';
import { createWorkerPool, type HostWorker, type WorkerReply } from './wasm/worker-pool.ts';

/** Built file that worker threads run. A module that runs from its source uses it too, as workers cannot load TypeScript. */
const workerPath = import.meta.url.endsWith('.ts') ? '../dist/node-worker.js' : './node-worker.js';

function spawn(): HostWorker {
  const worker = new Worker(new URL(workerPath, import.meta.url), { execArgv: [] });
  let listener: (reply: WorkerReply) => void = () => {};
  let failure: WorkerReply | undefined;
  const fail = (message: string) => {
    failure ??= { type: 'failed', message };
    listener(failure);
  };
  // Only a busy worker keeps the process alive.
  worker.unref();
  worker.on('message', (reply: WorkerReply) => {
    worker.unref();
    listener(reply);
  });
  worker.on('messageerror', (error) => fail(error.message));
  worker.on('error', (error) => fail(error instanceof Error ? error.message : String(error)));
  worker.on('exit', (code) => fail(`worker thread ended with code ${code}`));
  return {
    post: (message) => {
      if (failure) return listener(failure);
      worker.ref();
      worker.postMessage(message);
    },
    onReply: (next) => {
      listener = next;
    },
    terminate: async () => {
      fail('its pool was closed');
      await worker.terminate();
    },
  };
}

/**
 * Pool of worker threads over one shared WebAssembly memory. `auto`: one worker for each core that the process can use.
 * @throws AppError usage if `workers` is neither `auto` nor a whole number from 1
 */
export function createNodePool(workers: number | 'auto' = 'auto', initialBytes = 2 ** 24): Promise<KernelPool> {
  return createWorkerPool(workers === 'auto' ? usableCores() : workers, spawn, initialBytes);
}

/** Opens the library over a pool of worker threads. `auto`: one worker for each core that the process can use. */
export async function openCore({ workers = 'auto' }: { workers?: number | 'auto' } = {}): Promise<Core> {
  return createCore(await createNodePool(workers));
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined; // The control group does not exist, or another version of control groups is in use.
  }
}

/** Processor limit in cores, `quota / period`. Undefined without a limit: the quota is then 'max' (version 2) or -1 (version 1). */
function coresOf(quota: string | undefined, period: string | undefined): number | undefined {
  const cores = Number(quota) / Number(period);
  return Number.isFinite(cores) && cores > 0 ? cores : undefined;
}

/** Processor limit of a control group in cores. Version 2 has one file, cpu.max (`QUOTA PERIOD`). Version 1 has two files. */
function limitOf(folder: string): number | undefined {
  const [quota, period] = readText(join(folder, 'cpu.max'))?.split(/\s+/) ?? [];
  return (
    coresOf(quota, period) ?? coresOf(readText(join(folder, 'cpu.cfs_quota_us')), readText(join(folder, 'cpu.cfs_period_us')))
  );
}

/** Paths of a control group and all its parents, up to the root. The limits of all of them apply. */
function withParents(path: string): string[] {
  return path === '/' || path === '.' ? ['/'] : [path, ...withParents(posix.dirname(path))];
}

/**
 * Processor limit of this process in cores: the lowest limit of the process's control group and of all parents of that group.
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
    // In a container, `path` may be the path on the host, although the group itself is mounted as the root.
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
