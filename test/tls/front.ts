import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';

/** A port of 127.0.0.1 that speaks TLS and passes what it hears on to another one that does not. */
export interface Front {
  port: number;
  /** All that came and went on the encrypted side. */
  wire(): Buffer;
  /** Words of the clients, decrypted. */
  said(): Buffer;
  close(): Promise<void>;
}

/** Opens TLS in front of `port`. */
export async function openFront(port: number, identity: { cert: string; key: string }): Promise<Front> {
  const sockets = new Set<net.Socket>();
  const wire: Buffer[] = [];
  const said: Buffer[] = [];
  const inside = tls.createServer(identity, (socket) => {
    const behind = net.connect(port, '127.0.0.1');
    keep(sockets, behind);
    socket.on('error', () => behind.destroy());
    socket.on('data', (bytes) => said.push(bytes));
    socket.pipe(behind).pipe(socket);
  });
  inside.on('tlsClientError', () => {});
  inside.listen(0, '127.0.0.1');
  await once(inside, 'listening');
  const outside = net.createServer((socket) => {
    const behind = net.connect((inside.address() as net.AddressInfo).port, '127.0.0.1');
    for (const side of [socket, behind]) {
      keep(sockets, side);
      side.on('data', (bytes) => wire.push(bytes));
    }
    socket.pipe(behind).pipe(socket);
  });
  outside.listen(0, '127.0.0.1');
  await once(outside, 'listening');
  return {
    port: (outside.address() as net.AddressInfo).port,
    wire: () => Buffer.concat(wire),
    said: () => Buffer.concat(said),
    close: async () => {
      for (const server of [outside, inside]) server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function keep(sockets: Set<net.Socket>, socket: net.Socket): void {
  sockets.add(socket);
  socket.on('error', () => {});
  socket.on('close', () => sockets.delete(socket));
}
