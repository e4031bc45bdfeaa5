import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { auth, connections } from 'hive-driver';
import { greetByGssapi } from './gssapi.ts';
import { beginExchange } from './kerberos.ts';
import { largestReply, MalformedReply } from './malformed-reply.ts';
import { SecureTransport } from './secure-transport.ts';
import { type HiveSettings, serverName } from './settings.ts';
import { framedTransport, responseTransport, unframedTransport } from './transports.ts';

type Authentication = InstanceType<typeof auth.PlainTcpAuthentication | typeof auth.PlainHttpAuthentication>;
type Transport = Parameters<Authentication['authenticate']>[0];
type HttpProvider = InstanceType<typeof connections.HttpConnection>;
type Provider = InstanceType<typeof connections.TcpConnection> | HttpProvider;

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
 * The greeting that the settings ask for; `raw` is NOSASL, `secure` says how the server is known where the connection is encrypted. `lost`
 * hears of the socket's end, also during the greeting, where hive-driver itself would wait for ever.
 */
export function login(settings: HiveSettings, raw: boolean, secure: ConnectionOptions | undefined, lost: Lost): Login {
  return settings.transport === 'http' ? httpLogin(settings, secure, lost) : tcpLogin(settings, raw, secure, lost);
}

function credentials(settings: HiveSettings): { username: string; password: string } {
  return { username: settings.user, password: settings.password ?? 'anonymous' };
}

function tcpLogin(settings: HiveSettings, raw: boolean, secure: ConnectionOptions | undefined, lost: Lost): Login {
  let socket: Socket | undefined;
  let isOver = false;
  const watch = (transport: Transport): void => {
    socket = transport.getTransport() as Socket;
    socket.setKeepAlive(true, 30_000);
    socket.on('error', lost);
    // `end`: it sends no more, though it may leave the connection half open
    for (const event of ['end', 'close']) socket.on(event, () => lost(new Error(closedByServer)));
  };
  const plain = new auth.PlainTcpAuthentication(credentials(settings));
  const encrypted = secure && new SecureTransport({ ...secure, host: settings.host, port: settings.port });
  // what is written earlier may be sent before the certificate is looked at
  const greet = {
    raw: async (transport: Transport): Promise<Transport> => {
      transport.connect();
      watch(transport);
      if (raw) socket!.once('data', (answer: Buffer) => isOfSasl(answer) && lost(new Error(wantsSasl)));
      await encrypted?.secured();
      return transport;
    },
    plain: async (transport: Transport): Promise<Transport> => {
      const greeted = plain.authenticate(transport);
      watch(transport);
      socket!.once('data', (answer: Buffer) => checkGreeting(answer, lost));
      return await greeted;
    },
    kerberos: async (transport: Transport): Promise<Transport> => {
      const exchange = await beginExchange(settings);
      // a KDC may have been waited for longer than there was time
      if (isOver) throw new Error('the connection is closed');
      await greet.raw(transport);
      await greetByGssapi(socket!, exchange, serverName(settings));
      return transport;
    },
  };
  const authenticate = async (open: Transport): Promise<Transport> =>
    await greet[raw ? 'raw' : settings.auth === 'kerberos' ? 'kerberos' : 'plain'](encrypted ?? open);
  return {
    provider: new connections.TcpConnection(),
    authentication: Object.assign(Object.create(plain), { authenticate }) as Authentication,
    options: { transport: raw ? unframedTransport(lost) : framedTransport(lost) },
    destroy: () => {
      isOver = true;
      socket?.destroy();
    },
  };
}

/** The reason of a connection that the other side ended. */
export const closedByServer = 'the server closed the connection';

/** The reason where a raw message is answered by SASL's refusal of it. */
const wantsSasl = 'the server wants a login (SASL), which auth nosasl is not';

/** Whether a connection that began with a raw message ended as a server ends it that expects SASL: Spark says so, Hive closes. */
export function expectsSasl(reason: Error | undefined): boolean {
  return reason?.message === wantsSasl || reason?.message === closedByServer;
}

/** Statuses of SASL's messages: from the first to the last that there is. */
const [firstStatus, lastStatus] = [1, 5];

/** Whether bytes begin as a message of SASL does; one of thrift begins otherwise. */
function isOfSasl([status]: Buffer): boolean {
  return status! >= firstStatus && status! <= lastStatus;
}

/** Ends where a greeting is answered by something else than SASL: that is no server that refuses a login. */
function checkGreeting(answer: Buffer, lost: Lost): void {
  if (!isOfSasl(answer)) lost(new MalformedReply('no answer of SASL'));
}

function httpLogin(settings: HiveSettings, secure: ConnectionOptions | undefined, lost: Lost): Login {
  const kept = { keepAlive: true, maxSockets: 1 };
  const plain = new auth.PlainHttpAuthentication(credentials(settings));
  const negotiate = async (transport: Transport): Promise<Transport> => {
    const { token } = await beginExchange(settings);
    transport.setOptions('headers', { Authorization: `Negotiate ${token}` });
    return transport;
  };
  const agent = secure ? new https.Agent({ ...kept, ...secure }) : new http.Agent(kept);
  return {
    provider: new BoundedHttpConnection(lost),
    authentication:
      settings.auth === 'kerberos' ? (Object.assign(Object.create(plain), { authenticate: negotiate }) as Authentication) : plain,
    options: {
      ...{ path: settings.httpPath ?? '/cliservice', transport: responseTransport(lost) },
      // hive-driver would have a request over TLS believe every certificate
      ...(secure ? { https: true, nodeOptions: { agent, ...secure } } : { nodeOptions: { agent } }),
    },
    destroy: () => agent.destroy(),
  };
}

/** Bytes of the cookies that a server may have us keep. */
const mostCookies = 8 << 10;

/** The part of thrift's HTTP connection that takes responses; it gathers a response, and cookies of all responses, whatever their size. */
interface ThriftHttp {
  responseCallback(response: http.IncomingMessage): void;
  nodeOptions: { headers: Record<string, string | undefined> };
}

/** HTTP responses of any size would be kept in memory; here they end at the largest reply there may be. */
class BoundedHttpConnection extends connections.HttpConnection {
  readonly #lost: Lost;

  constructor(lost: Lost) {
    super();
    this.#lost = lost;
  }

  override async connect(...greeting: Parameters<HttpProvider['connect']>): ReturnType<HttpProvider['connect']> {
    await super.connect(...greeting);
    const connection = this.getConnection() as unknown as ThriftHttp;
    const gather = connection.responseCallback;
    const { headers } = connection.nodeOptions;
    connection.responseCallback = (response) => {
      this.#bound(response);
      gather.call(connection, response);
      if (headers.cookie === undefined) return;
      headers.cookie = latestOfEach(headers.cookie);
      if (headers.cookie.length > mostCookies) this.#lost(new MalformedReply('too many cookies'));
    };
    return this;
  }

  #bound(response: http.IncomingMessage): void {
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= largestReply) return;
      this.#lost(new MalformedReply('a response is too large'));
      response.destroy();
    });
  }
}

/** Cookies by their last values. */
function latestOfEach(cookies: string): string {
  return [...new Map(cookies.split(';').map((cookie) => [cookie.split('=')[0]!.trim(), cookie])).values()].join(';');
}
