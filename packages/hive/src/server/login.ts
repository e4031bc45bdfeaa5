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

/** Connection and login to one server: the arguments of hive-driver's `connect`. */
export interface Login {
  provider: Provider;
  authentication: Authentication;
  options: Record<string, unknown>;
  /** Ends the connection immediately, in any state. */
  destroy(): void;
}

/** Called once, when the socket fails or closes. */
type Lost = (reason: Error) => void;

/**
 * Login that the settings name.
 * @param raw whether the login is NOSASL
 * @param secure verification of the server if the connection is encrypted
 * @param lost called at the socket's end, also during the login, when hive-driver itself would wait forever
 */
export function login(settings: HiveSettings, raw: boolean, secure: ConnectionOptions | undefined, lost: Lost): Login {
  return settings.transport === 'http' ? httpLogin(settings, secure, lost) : tcpLogin(settings, raw, secure, lost);
}

function credentials(settings: HiveSettings): { username: string; password: string } {
  return { username: settings.user, password: settings.password ?? 'anonymous' };
}

/** Socket of a login, once it is open, and whether the login was ended from outside. */
interface LoginState {
  socket?: Socket;
  isOver: boolean;
}

/** Socket of a connected transport, whose end is reported. */
function watched(transport: Transport, lost: Lost): Socket {
  const socket = transport.getTransport() as Socket;
  socket.setKeepAlive(true, 30_000);
  socket.on('error', lost);
  // `end`: the server sends no more, though it may leave the connection half open.
  for (const event of ['end', 'close']) socket.on(event, () => lost(new Error(closedByServer)));
  return socket;
}

function tcpLogin(settings: HiveSettings, raw: boolean, secure: ConnectionOptions | undefined, lost: Lost): Login {
  const state: LoginState = { isOver: false };
  const plain = new auth.PlainTcpAuthentication(credentials(settings));
  const encrypted = secure && new SecureTransport({ ...secure, host: settings.host, port: settings.port });
  const watch = (transport: Transport): Socket => {
    state.socket = watched(transport, lost);
    return state.socket;
  };
  const greetRaw = async (transport: Transport): Promise<Socket> => {
    transport.connect();
    const socket = watch(transport);
    if (raw) socket.once('data', (answer: Buffer) => isOfSasl(answer) && lost(new Error(wantsSasl)));
    // Earlier writes might be sent before the certificate is verified.
    await encrypted?.secured();
    return socket;
  };
  const greetPlain = async (transport: Transport): Promise<Transport> => {
    const greeted = plain.authenticate(transport);
    watch(transport).once('data', (answer: Buffer) => checkGreeting(answer, lost));
    return await greeted;
  };
  const greetByKerberos = async (transport: Transport): Promise<void> => {
    const exchange = await beginExchange(settings);
    // Waiting for a KDC may have exceeded the time limit.
    if (state.isOver) throw new Error('the connection is closed');
    await greetByGssapi(await greetRaw(transport), exchange, serverName(settings));
  };
  const authenticate = async (open: Transport): Promise<Transport> => {
    const transport = encrypted ?? open;
    if (!raw && settings.auth !== 'kerberos') return await greetPlain(transport);
    await (raw ? greetRaw(transport) : greetByKerberos(transport));
    return transport;
  };
  return loginOf(
    state,
    Object.assign(Object.create(plain), { authenticate }),
    raw ? unframedTransport(lost) : framedTransport(lost),
  );
}

/** Login by a socket, with its authentication and transport. */
function loginOf(state: LoginState, authentication: Authentication, transport: Login['options']['transport']): Login {
  return {
    provider: new connections.TcpConnection(),
    authentication,
    options: { transport },
    destroy: () => {
      state.isOver = true;
      state.socket?.destroy();
    },
  };
}

/** Reason of a connection that the server ended. */
export const closedByServer = 'the server closed the connection';

/** Reason if the server answers a raw message with SASL's refusal. */
const wantsSasl = 'the server requires a login by SASL, which auth nosasl lacks';

/**
 * Whether a connection ended because the server expects SASL, and the first message was raw. Spark then sends a status; Hive
 * closes the connection.
 */
export function expectsSasl(reason: Error | undefined): boolean {
  return reason?.message === wantsSasl || reason?.message === closedByServer;
}

/** First and last status of SASL's messages. */
const [firstStatus, lastStatus] = [1, 5];

/** Whether bytes begin like a message of SASL. Those of thrift begin otherwise. */
function isOfSasl([status]: Buffer): boolean {
  return status! >= firstStatus && status! <= lastStatus;
}

/** Reports the connection as lost if the answer to a login is not SASL: that is not a refused login. */
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
      // hive-driver's requests over TLS would accept every certificate.
      ...(secure ? { https: true, nodeOptions: { agent, ...secure } } : { nodeOptions: { agent } }),
    },
    destroy: () => agent.destroy(),
  };
}

/** Most bytes of a server's cookies. */
const mostCookies = 8 << 10;

/**
 * Part of thrift's HTTP connection that receives responses. It buffers a response, and the cookies of all responses, without a
 * limit.
 */
interface ThriftHttp {
  responseCallback(response: http.IncomingMessage): void;
  nodeOptions: { headers: Record<string, string | undefined> };
}

/** HTTP connection that limits responses to the largest possible reply. */
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

/** Cookies with their last values. */
function latestOfEach(cookies: string): string {
  return [...new Map(cookies.split(';').map((cookie) => [cookie.split('=')[0]!.trim(), cookie])).values()].join(';');
}
