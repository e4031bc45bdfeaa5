import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

/** A port on 127.0.0.1 whose connections go on to a server. */
export interface CountingPort {
  port: number;
  /** Bytes that came from the server so far. */
  bytes: () => number;
  close: () => void;
}

/** Passes connections on to a server and counts what comes from it. */
export async function countingPort({ host, port }: { host: string; port: number }): Promise<CountingPort> {
  let bytes = 0;
  const proxy = createServer((client) => {
    const server = connect(port, host);
    server.on('data', (chunk) => {
      bytes += chunk.length;
    });
    client.pipe(server).pipe(client);
    for (const socket of [client, server]) socket.on('error', () => socket.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return { port: (proxy.address() as AddressInfo).port, bytes: () => bytes, close: () => proxy.close() };
}

export const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
