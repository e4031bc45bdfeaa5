import http from 'node:http';
import type { Socket } from 'node:net';
import { AppError } from '@basketwise/core';
import { auth, connections } from 'hive-driver';
import { type HiveSettings, serverName } from './settings.ts';
import { FramedTransport, UnframedTransport } from './transports.ts';

type Authentication = InstanceType<typeof auth.PlainTcpAuthentication | typeof auth.PlainHttpAuthentication>;
type Transport = Parameters<Authentication['authenticate']>[0];
type Provider = InstanceType<typeof connections.TcpConnection | typeof connections.HttpConnection>;

/** How a client reaches and greets one server: what hive-driver's `connect` is given. */
export interface Login {
  provider: Provider;
  authentication: Authentication;
  options: Record<string, unknown>;
  /** Ends the connection at once, whatever its state. */
  destroy(): void;
}

/** Told once, when the socket fails or closes. */
type Lost = (reason: Error) => void;

/**
 * The greeting that the settings ask for; `raw` is NOSASL. `lost` hears of the socket's end, also during the greeting, where
 * hive-driver itself would wait for ever.
 * @throws AppError config for Kerberos
 */
export function login(settings: HiveSettings, raw: boolean, lost: Lost): Login {
  if (settings.auth === 'kerberos') {
    throw new AppError(
      'config',
      `Hive at ${serverName(settings)}: Kerberos authentication is not there yet`,
      'Use source.hive.auth: plain (LDAP, PAM or CUSTOM) over a private network, or an HTTP gateway such as Knox with transport: http.',
    );
  }
  return settings.transport === 'http' ? httpLogin(settings) : tcpLogin(settings, raw, lost);
}

function credentials(settings: HiveSettings): { username: string; password: string } {
  return { username: settings.user, password: settings.password ?? 'anonymous' };
}

function tcpLogin(settings: HiveSettings, raw: boolean, lost: Lost): Login {
  let socket: Socket | undefined;
  const watch = (transport: Transport): void => {
    socket = transport.getTransport() as Socket;
    socket.setKeepAlive(true, 30_000);
    socket.on('error', lost);
    socket.on('close', () => lost(new Error('the server closed the connection')));
  };
  const plain = new auth.PlainTcpAuthentication(credentials(settings));
  const authenticate = async (transport: Transport): Promise<Transport> => {
    if (raw) transport.connect();
    const greeted = raw ? Promise.resolve(transport) : plain.authenticate(transport);
    watch(transport);
    return await greeted;
  };
  return {
    provider: new connections.TcpConnection(),
    authentication: Object.assign(Object.create(plain), { authenticate }) as Authentication,
    options: { transport: raw ? UnframedTransport : FramedTransport },
    destroy: () => socket?.destroy(),
  };
}

function httpLogin(settings: HiveSettings): Login {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  return {
    provider: new connections.HttpConnection(),
    authentication: new auth.PlainHttpAuthentication(credentials(settings)),
    options: { path: settings.httpPath ?? '/cliservice', transport: UnframedTransport, nodeOptions: { agent } },
    destroy: () => agent.destroy(),
  };
}
