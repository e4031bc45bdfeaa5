import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import tls from 'node:tls';
import { auth, connections } from 'hive-driver';
import { greetByGssapi } from './gssapi.ts';
import { beginExchange } from './kerberos.ts';
import { largestReply, MalformedReply } from './message-end.ts';
import { type HiveSettings, serverName } from './settings.ts';
import { framedTransport, responseTransport, unframedTransport } from './transports.ts';

type Authentication = InstanceType<typeof auth.PlainTcpAuthentication | typeof auth.PlainHttpAuthentication>;
type Transport = Parameters<Authentication['authenticate']>[0];
type HttpProvider = InstanceType<typeof connections.HttpConnection>;
type Provider = InstanceType<typeof connections.TcpConnection> | HttpProvider;

/** Login to one server: the arguments for hive-driver's `connect`. */
export interface Login {
  provider: Provider;
  authentication: Authentication;
  options: Record<string, unknown>;
  /** Closes the connection immediately, in any state. */
  destroy(): void;
}

/** Callback for the failure or the end of a socket. It is called once. */
type Lost = (reason: Error) => void;

/**
 * Creates the login that the settings describe.
 * @param raw whether messages have no SASL frames (NOSASL)
 * @param secure verification of the server if the connection is encrypted
 * @param lost called when the socket ends. Without it, hive-driver would wait forever if the socket ends during the login
 */
export function login(settings: HiveSettings, raw: boolean, secure: ConnectionOptions | undefined, lost: Lost): Login {
  return settings.transport === 'http' ? httpLogin(settings, secure, lost) : tcpLogin(settings, raw, secure, lost);
}

function credentials(settings: HiveSettings): { username: string; password: string } {
  return { username: settings.user, password: settings.password ?? 'anonymous' };
}

/** State of a login: the socket once it is open, and whether a caller has ended the login. */
interface LoginState {
  socket?: Socket;
  isOver: boolean;
}

/** Returns the socket of a connected transport, and reports its end to `lost`. */
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

/** Login over a socket, from its authentication and transport. */
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

/** Message if the server has closed the connection. */
export const closedByServer = 'the server closed the connection';

/** Message if the server answers a message without SASL frames with a SASL error. */
const wantsSasl = 'the server requires a login by SASL, which auth nosasl lacks';

/**
 * Whether a connection ended because the server expects SASL, but the first message had no SASL frame. Spark then sends a status;
 * Hive closes the connection.
 */
export function expectsSasl(reason: Error | undefined): boolean {
  return reason?.message === wantsSasl || reason?.message === closedByServer;
}

/** Smallest and largest status number of SASL messages. */
const [firstStatus, lastStatus] = [1, 5];

/** Whether bytes can be the beginning of a SASL message. A thrift message begins with another byte. */
function isOfSasl([status]: Buffer): boolean {
  return status! >= firstStatus && status! <= lastStatus;
}

/**
 * Reports the connection as lost if the answer to a login is not a SASL message. Without this check, it would be reported as a
 * refused login.
 */
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

/** Largest number of bytes of a server's cookies. */
const mostCookies = 8 << 10;

/**
 * Part of thrift's HTTP connection that receives responses. By itself, thrift buffers a response, and the cookies of all
 * responses, without a limit.
 */
interface ThriftHttp {
  responseCallback(response: http.IncomingMessage): void;
  nodeOptions: { headers: Record<string, string | undefined> };
}

/** HTTP connection that ends if a response or the cookies exceed their limits. */
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

/** Removes repeated cookies: of each name, the last value remains. */
function latestOfEach(cookies: string): string {
  return [...new Map(cookies.split(';').map((cookie) => [cookie.split('=')[0]!.trim(), cookie])).values()].join(';');
}

/** Encrypted socket with the interface of hive-driver's sockets. */
class SecureTransport {
  readonly #target: tls.ConnectionOptions;
  #options: Record<string, unknown> = {};
  #socket: tls.TLSSocket | undefined;

  /**
   * @param target address of the server, and how to verify its certificate. (hive-driver's own transport accepts every
   * certificate.)
   */
  constructor(target: tls.ConnectionOptions) {
    this.#target = target;
  }

  connect(): void {
    this.#socket = tls.connect(this.#target);
  }

  /** Waits until the server's certificate is verified. Callers must not write data before. */
  async secured(): Promise<void> {
    await once(this.getTransport(), 'secureConnect');
  }

  getTransport(): tls.TLSSocket {
    return this.#socket!;
  }

  setOptions(option: string, value: unknown): void {
    this.#options = { ...this.#options, [option]: value };
  }

  getOptions(): Record<string, unknown> {
    return this.#options;
  }

  addListener(event: string, listener: (...values: unknown[]) => void): void {
    this.getTransport().addListener(socketEvent(event), listener);
  }

  removeListener(event: string, listener: (...values: unknown[]) => void): void {
    this.getTransport().removeListener(socketEvent(event), listener);
  }

  write(bytes: Buffer): void {
    this.getTransport().write(bytes);
  }

  end(): void {
    this.getTransport().end();
  }

  emit(event: string): void {
    this.getTransport().emit(socketEvent(event));
  }
}

/**
 * Name of the event of an encrypted socket for an event of a plain one: `connect` becomes `secureConnect`, so that the server is
 * verified by then.
 */
function socketEvent(event: string): string {
  return event === 'connect' ? 'secureConnect' : event;
}
