import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** The calls of a query, in order; afterwards those that end it. */
export const calls = ['OpenSession', 'ExecuteStatement', 'GetOperationStatus', 'GetResultSetMetadata', 'FetchResults'] as const;
export type Call = (typeof calls)[number];
export type Way = 'nosasl' | 'plain' | 'http';

/** One thing that a reply does wrong; `n` picks the place, `value` is what stands there. */
export type Twist =
  | { kind: 'length' | 'type'; n: number; value: number }
  | { kind: 'missing'; n: number }
  | { kind: 'flip'; places: readonly number[] };

/** A deed of the server in place of one of its replies. */
export interface Hostility {
  call: Call;
  /** The reply's bytes, from those of the right one, twisted or not, and as it is framed on the way. */
  bytes: (write: (twist?: Twist) => Buffer, frame: (message: Buffer) => Buffer) => Buffer;
  /** Fate of the connection after the bytes: it goes on, ends, is half closed, is reset, stays silent; or endless bytes, slow or fast. */
  after: 'go on' | 'end' | 'half close' | 'reset' | 'silence' | 'drip' | 'flood';
}

/** A server that speaks HiveServer2's protocol and has one result, which it gives to any statement. */
export interface FakeHive {
  port: number;
  /** Bytes that it has sent. */
  sent(): number;
  close(): Promise<void>;
}

/** Rows of the one result, as a client should give them. */
export const result = {
  columns: { name: ['정기', '', 'x'], amount: [5n, 0n, -7n], day: [0, 0, 19_000] },
  nulls: { amount: [0, 1, 0], day: [0, 1, 0] },
};

/** Writes thrift's binary protocol, one place of it twisted. */
class Writer {
  readonly #twist: Twist | undefined;
  readonly #seen = { length: 0, type: 0, missing: 0 };

  constructor(twist: Twist | undefined) {
    this.#twist = twist;
  }

  #is(kind: 'length' | 'type' | 'missing'): boolean {
    const n = this.#seen[kind]++;
    return this.#twist?.kind === kind && this.#twist.n === n;
  }

  size(length: number): Buffer {
    return int32(this.#is('length') ? (this.#twist as { value: number }).value : length);
  }

  type(type: number): Buffer {
    return Buffer.from([this.#is('type') ? (this.#twist as { value: number }).value : type]);
  }

  binary(bytes: Buffer | string): Buffer {
    const content = Buffer.from(bytes as Buffer);
    return Buffer.concat([this.size(content.length), content]);
  }

  field(type: number, id: number, write: () => Buffer): Buffer {
    if (this.#is('missing')) return Buffer.alloc(0);
    return Buffer.concat([this.type(type), Buffer.from([id >> 8, id & 255]), write()]);
  }

  list(type: number, values: readonly (() => Buffer)[]): Buffer {
    return Buffer.concat([this.type(type), this.size(values.length), ...values.map((write) => write())]);
  }

  struct(...fields: Buffer[]): Buffer {
    return Buffer.concat([...fields, Buffer.from([0])]);
  }

  status(): Buffer {
    return this.field(12, 1, () => this.struct(this.field(8, 1, () => int32(0))));
  }

  handle(id: number): Buffer {
    const guid = () =>
      this.struct(
        this.field(11, 1, () => this.binary('0123456789abcdef')),
        this.field(11, 2, () => this.binary('s')),
      );
    return this.field(12, id, guid);
  }
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value | 0);
  return bytes;
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

/** The structs of the right replies. */
const replies: Readonly<Record<string, (writer: Writer, fetched: number) => Buffer>> = {
  OpenSession: (w) =>
    w.struct(
      w.status(),
      w.field(8, 2, () => int32(7)),
      w.field(12, 3, () => w.struct(w.handle(1))),
    ),
  ExecuteStatement: (w) =>
    w.struct(
      w.status(),
      w.field(12, 2, () =>
        w.struct(
          w.handle(1),
          w.field(8, 2, () => int32(0)),
          w.field(2, 3, () => Buffer.from([1])),
        ),
      ),
    ),
  GetOperationStatus: (w) =>
    w.struct(
      w.status(),
      w.field(8, 2, () => int32(2)),
      w.field(2, 9, () => Buffer.from([1])),
    ),
  GetResultSetMetadata: (w) => {
    const column = (name: string, type: number) => () =>
      w.struct(
        w.field(11, 1, () => w.binary(name)),
        w.field(12, 2, () =>
          w.struct(
            w.field(15, 1, () => w.list(12, [() => w.struct(w.field(12, 1, () => w.struct(w.field(8, 1, () => int32(type)))))])),
          ),
        ),
      );
    const columns = [column('name', 7), column('amount', 4), column('day', 17)];
    return w.struct(
      w.status(),
      w.field(12, 2, () => w.struct(w.field(15, 1, () => w.list(12, columns)))),
    );
  },
  FetchResults: (w, fetched) => {
    const of = <T>(values: readonly T[]): readonly T[] => (fetched === 0 ? values : []);
    const column = (kind: number, type: number, values: readonly (() => Buffer)[], nulls: number) => () =>
      w.struct(
        w.field(12, kind, () =>
          w.struct(
            w.field(15, 1, () => w.list(type, values)),
            w.field(11, 2, () => w.binary(Buffer.from(nulls ? [nulls] : []))),
          ),
        ),
      );
    const { name, amount } = result.columns;
    const columns = [
      column(
        7,
        11,
        of(name).map((text) => () => w.binary(text)),
        0,
      ),
      column(
        5,
        10,
        of(amount).map((value) => () => int64(value)),
        fetched === 0 ? 2 : 0,
      ),
      column(
        7,
        11,
        of(['1970-01-01', '', '2022-01-08']).map((text) => () => w.binary(text)),
        fetched === 0 ? 2 : 0,
      ),
    ];
    const rows = () =>
      w.struct(
        w.field(10, 1, () => int64(0n)),
        w.field(15, 2, () => w.list(12, [])),
        w.field(15, 3, () => w.list(12, columns)),
      );
    return w.struct(
      w.status(),
      w.field(2, 2, () => Buffer.from([0])),
      w.field(12, 3, rows),
    );
  },
};

/** A whole message that answers a request; `fetched` counts the replies with rows before it. */
function message(request: Request, fetched: number, twist?: Twist): Buffer {
  const writer = new Writer(twist);
  const struct = replies[request.name] ?? ((w: Writer) => w.struct(w.status()));
  const head = [int32(0x80010002), writer.binary(request.name), int32(request.sequence)];
  const bytes = Buffer.concat([...head, writer.struct(writer.field(12, 0, () => struct(writer, fetched)))]);
  if (twist?.kind === 'flip') for (const place of twist.places) bytes[place % bytes.length]! ^= 1 + (place % 255);
  return bytes;
}

interface Request {
  name: string;
  sequence: number;
}

/** Heads of the requests in a stream: clients send each in one piece, and none larger than 64 KB here. */
function requestsIn(bytes: Buffer): Request[] {
  const found: Request[] = [];
  for (
    let at = bytes.indexOf('\x80\x01\x00\x01', 0, 'latin1');
    at >= 0;
    at = bytes.indexOf('\x80\x01\x00\x01', at + 4, 'latin1')
  ) {
    const end = at + 8 + bytes.readInt32BE(at + 4);
    found.push({ name: bytes.toString('latin1', at + 8, end), sequence: bytes.readInt32BE(end) });
  }
  return found;
}

/** Where a reply goes: a socket, or one HTTP response. */
interface Line {
  write(bytes: Buffer): void;
  /** The reply is complete. */
  done(): void;
  end(): void;
  reset(): void;
  isOpen(): boolean;
}

/** Starts a server on 127.0.0.1 that does one thing wrong, on every connection; `heard` is called with requests before they are answered. */
export async function startFakeHive(
  way: Way,
  hostility?: Hostility,
  heard: (request: Buffer) => void = () => {},
): Promise<FakeHive> {
  const sockets = new Set<net.Socket>();
  let sent = 0;
  const answer = async (line: Line, request: Request, fetched: number): Promise<boolean> => {
    const framed = (bytes: Buffer, size = bytes.length): Buffer =>
      way === 'plain' ? Buffer.concat([int32(size), bytes]) : bytes;
    const twisted = (twist?: Twist): Buffer => {
      if (way !== 'plain' || twist?.kind !== 'length') return framed(message(request, fetched, twist));
      // the frame's own length is the first
      if (twist.n === 0) return framed(message(request, fetched), twist.value);
      return framed(message(request, fetched, { ...twist, n: twist.n - 1 }));
    };
    const write = (bytes: Buffer): void => {
      sent += bytes.length;
      line.write(bytes);
    };
    if (hostility === undefined || hostility.call !== request.name || fetched > 0) {
      write(framed(message(request, fetched)));
      line.done();
      return true;
    }
    const bytes = hostility.bytes(twisted, framed);
    switch (hostility.after) {
      case 'go on':
        write(bytes);
        line.done();
        return true;
      case 'drip':
        for (let at = 0; line.isOpen(); at++) {
          write(Buffer.from([bytes[at] ?? 0]));
          await sleep(20);
        }
        return false;
      case 'flood':
        write(bytes);
        for (let chunk = Buffer.alloc(1 << 16); line.isOpen(); await sleep(0)) write(chunk);
        return false;
      default:
        write(bytes);
    }
    if (hostility.after === 'end' || hostility.after === 'half close') line.end();
    if (hostility.after === 'reset') line.reset();
    return false;
  };

  const onSocket = (socket: net.Socket): void => {
    let greeting = way === 'plain' ? 2 : 0;
    let goesOn = true;
    let fetched = 0;
    const line: Line = {
      write: (bytes) => void (socket.destroyed || socket.write(bytes)),
      done: () => {},
      end: () => socket.end(),
      reset: () => socket.resetAndDestroy(),
      isOpen: () => !socket.destroyed,
    };
    socket.on('data', async (bytes: Buffer) => {
      if (greeting > 0) {
        // as libthrift answers a raw message
        if (greeting === 2 && bytes[0]! > 5) {
          const refusal = `Invalid status ${bytes.readInt8(0)}`;
          line.write(Buffer.concat([Buffer.from([4]), int32(refusal.length), Buffer.from(refusal)]));
          return line.end();
        }
        // START and OK come in one piece or in two
        greeting -= bytes.includes('PLAIN') && bytes.length > 10 ? 2 : 1;
        if (greeting <= 0) line.write(Buffer.from([5, 0, 0, 0, 0]));
        return;
      }
      heard(bytes);
      for (const request of requestsIn(bytes)) {
        if (!goesOn) return;
        goesOn = await answer(line, request, request.name === 'FetchResults' ? fetched++ : 0);
      }
    });
  };
  let fetched = 0;
  const onRequest = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    heard(bytes);
    const [head] = requestsIn(bytes);
    if (head!.name === 'OpenSession') fetched = 0;
    const line: Line = {
      write: (bytes) => void (response.destroyed || response.write(bytes)),
      done: () => response.end(),
      end: () => response.end(),
      reset: () => response.destroy(),
      isOpen: () => !response.destroyed,
    };
    await answer(line, head!, head!.name === 'FetchResults' ? fetched++ : 0);
  };
  const server =
    way === 'http'
      ? http.createServer((...pair) => void onRequest(...pair))
      : net.createServer({ allowHalfOpen: true }, onSocket);
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as net.AddressInfo).port,
    sent: () => sent,
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      if (server.listening) await once(server, 'close');
    },
  };
}
