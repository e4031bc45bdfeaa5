import { createHash } from 'node:crypto';
import { AppError } from '@basketwise/core';
import { interruption } from '@basketwise/data';
import { type HiveSettings, type HostPort, serverName } from './settings.ts';

/** Name of a server's node in ZooKeeper. HiveServer2 writes its address, its version and a sequence number into the name. */
const serverEntry = /^serverUri=(?<host>[^;\s]+):(?<port>\d{1,5});/;

/**
 * Servers that are registered now. Their order depends only on the servers and the seed.
 * @throws AppError unreachable without a quorum within the settings' connect timeout, or if no server is registered
 */
export async function discoverServers(settings: HiveSettings, signal?: AbortSignal): Promise<readonly HostPort[]> {
  const { quorum, namespace, seed } = settings.zookeeper!;
  const names = await childrenOf(`/${namespace}`, quorum, settings, signal);
  const places = names.flatMap((name): HostPort[] => {
    const { host, port } = serverEntry.exec(name)?.groups ?? {};
    return host === undefined ? [] : [{ host, port: Number(port) }];
  });
  if (places.length === 0) throw notDiscovered(settings, 'no server is registered there');
  return places.sort((a, b) => (serverRank(a, seed) < serverRank(b, seed) ? -1 : 1));
}

function serverRank({ host, port }: HostPort, seed: number): string {
  return createHash('sha256').update(`${seed}\0${host}:${port}`).digest('hex');
}

/** Names of the nodes below a path. Has a time limit, because the client itself would look for a ZooKeeper server forever. */
async function childrenOf(
  path: string,
  quorum: readonly string[],
  settings: HiveSettings,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  // Loaded only if servers are in a registry.
  const { default: zookeeper } = await import('node-zookeeper-client');
  const client = zookeeper.createClient(quorum.join(','), { sessionTimeout: settings.connectTimeout, spinDelay: 200 });
  let stop = (): void => {};
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<readonly string[]>((resolve, reject) => {
      stop = () => reject(interruption(signal!));
      if (signal?.aborted) return stop();
      signal?.addEventListener('abort', stop, { once: true });
      const seconds = Math.round(settings.connectTimeout / 100) / 10;
      timer = setTimeout(
        () => reject(notDiscovered(settings, `no member of the quorum answers within ${seconds} s`)),
        settings.connectTimeout,
      );
      client.once('connected', () => {
        client.getChildren(path, (error, names) => {
          if (error) reject(notDiscovered(settings, error instanceof zookeeper.Exception ? error.name : error.message));
          else resolve(names);
        });
      });
      client.connect();
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    client.close();
  }
}

function notDiscovered(settings: HiveSettings, reason: string): AppError {
  return new AppError(
    'unreachable',
    `${serverName(settings)}: ${reason}`,
    'Check zookeeper.quorum and zookeeper.namespace (hive.zookeeper.quorum and hive.server2.zookeeper.namespace of the servers), and that a server is up.',
  );
}
