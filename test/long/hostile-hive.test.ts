import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@basketwise/core';
import { describe, expect, it } from 'vitest';
import { HiveEngine } from '../../packages/hive/src/server/engine.ts';
import { cases } from '../cases.ts';
import { type Call, calls, type Hostility, result, startFakeHive, type Way } from '../unit/data/fake-hive.ts';

const ways: readonly Way[] = ['nosasl', 'plain', 'http'];

function engineAt(way: Way, port: number, timeout: number): HiveEngine {
  return new HiveEngine({
    ...{ host: '127.0.0.1', port, database: 'default', user: 'batch', connectTimeout: timeout, statementTimeout: timeout },
    ...(way === 'http' ? { auth: 'plain', transport: 'http' } : { auth: way, transport: 'binary' }),
  });
}

type Rows = { columns: Record<string, unknown[]>; nulls: Record<string, number[]> };

async function fetched(engine: HiveEngine, signal?: AbortSignal): Promise<Rows[]> {
  const found: Rows[] = [];
  for await (const { columns, nulls } of engine.query('SELECT name, amount, day FROM facts', signal ? { signal } : {})) {
    const lists = (of: object) => Object.fromEntries(Object.entries(of).map(([name, values]) => [name, [...values]]));
    found.push({ columns: lists(columns), nulls: lists(nulls) });
  }
  return found;
}

/** Outcome of a query with a server: its rows, or its error. */
async function outcome(way: Way, hostility?: Hostility, timeout = 300): Promise<Rows[] | AppError> {
  const server = await startFakeHive(way, hostility);
  const engine = engineAt(way, server.port, timeout);
  try {
    return await Promise.race([
      fetched(engine).catch((error: unknown) => {
        if (error instanceof AppError) return error;
        throw error;
      }),
      sleep(30_000, undefined, { ref: false }).then(() => expect.fail('neither an answer nor an error')),
    ]);
  } finally {
    await engine.close();
    await server.close();
  }
}

/** Whole numbers from 0 to below `limit`, by a seed (mulberry32). */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

type Bytes = Hostility['bytes'];
type Next = (limit: number) => number;

const pick = <T>(next: Next, values: readonly T[]): T => values[next(values.length)]!;
const part =
  (next: Next): Bytes =>
  (write) => {
    const bytes = write();
    return bytes.subarray(0, next(bytes.length));
  };
const garbage = (next: Next): Buffer => Buffer.from(Array.from({ length: 1 + next(400) }, () => next(256)));
const head = (name: string): Buffer => {
  const bytes = Buffer.alloc(12 + name.length);
  bytes.writeUInt32BE(0x80010002, 0);
  bytes.writeInt32BE(name.length, 4);
  bytes.write(name, 8);
  return bytes;
};

/** Kinds of hostility; `may`: whether the right rows may come of it all the same. */
const hostilities: Readonly<Record<string, { make: (next: Next, call: Call) => Omit<Hostility, 'call'>; may?: boolean }>> = {
  // the first length of a message is its name's
  'a negative length': {
    make: (next) => {
      const [n, value] = [next(5), pick(next, [-1, -4, -5, -100, -(2 ** 31)])];
      return { bytes: (write) => write({ kind: 'length', n, value }), after: pick(next, ['go on', 'silence']) };
    },
    may: true,
  },
  'a huge length': {
    make: (next) => {
      const [n, value] = [next(3), pick(next, [2 ** 31 - 1, 2 ** 30, 2 ** 28 + 1, 2 ** 24])];
      return { bytes: (write) => write({ kind: 'length', n, value }), after: pick(next, ['go on', 'silence', 'flood']) };
    },
    may: true,
  },
  'an unknown type': {
    make: (next) => {
      const [n, value] = [next(8), pick(next, [1, 5, 7, 9, 16, 99, 255])];
      return { bytes: (write) => write({ kind: 'type', n, value }), after: 'go on' };
    },
    may: true,
  },
  'a missing field': {
    make: (next) => {
      const n = next(20);
      return { bytes: (write) => write({ kind: 'missing', n }), after: 'go on' };
    },
    may: true,
  },
  'another type': {
    make: (next) => {
      const [n, value] = [next(12), pick(next, [2, 3, 4, 6, 8, 10, 11, 12, 13, 14, 15])];
      return { bytes: (write) => write({ kind: 'type', n, value }), after: 'go on' };
    },
    may: true,
  },
  'an endless count': {
    make: (next, call) => {
      const list = Buffer.from([12, 0, 0, pick(next, [15, 14, 13]), 0, 99, 12, 127, 255, 255, 255]);
      return { bytes: (_, frame) => frame(Buffer.concat([head(call), list])), after: 'flood' };
    },
  },
  'structs in structs': {
    make: (_, call) => ({
      bytes: (_, frame) => frame(Buffer.concat([head(call), Buffer.alloc(300_000, Buffer.from([12, 0, 1]))])),
      after: 'silence',
    }),
  },
  'a slow drip': { make: () => ({ bytes: (write) => write(), after: 'drip' }) },
  'an end in the middle': { make: (next) => ({ bytes: part(next), after: 'end' }) },
  'a half-closed socket': { make: (next) => ({ bytes: part(next), after: 'half close' }) },
  'a reset': { make: (next) => ({ bytes: part(next), after: 'reset' }) },
  silence: { make: (next) => ({ bytes: part(next), after: 'silence' }) },
  garbage: {
    make: (next) => {
      const bytes = garbage(next);
      return { bytes: (_, frame) => frame(bytes), after: pick(next, ['go on', 'silence']) };
    },
  },
  "another request's reply": {
    make: (next, call) => {
      const name = pick(
        next,
        ['CloseSession', 'Nothing', ...calls].filter((other) => other !== call),
      );
      const isInTurn = next(2) === 0;
      const renamed: Bytes = (write, frame) => {
        const message = write();
        const sequence = message.indexOf(call) + call.length;
        const rest = message.subarray(isInTurn ? sequence : sequence + 4);
        return frame(Buffer.concat([isInTurn ? head(name).subarray(0, -4) : head(name), rest]));
      };
      return { bytes: renamed, after: 'go on' };
    },
  },
  'flipped bytes': {
    make: (next) => {
      const places = Array.from({ length: 1 + next(6) }, () => next(10_000));
      return { bytes: (write) => write({ kind: 'flip', places }), after: 'go on' };
    },
  },
};

/** Seeded replies: some 66 of each kind. */
const replies = cases(2_000, 1_000);

/** Codes by which a run may end that a server has misled without breaking the protocol: what it says of a statement is believed. */
const misled = ['bad-data', 'missing-input', 'unreachable', 'not-permitted', 'config'];

describe('a hostile HiveServer2', () => {
  it.each(ways)('a server that does nothing wrong gives its rows (%s)', async (way) => {
    expect(await outcome(way, undefined, 20_000)).toEqual([result]);
  });

  it(`${replies} seeded replies: 69 or the right rows, never anything else`, async () => {
    const names = Object.keys(hostilities);
    const tally: Record<string, number> = {};
    let seed = 0;
    const work = async (): Promise<void> => {
      while (seed < replies) {
        const own = seed++;
        const next = numbers(own);
        const [way, name, call] = [pick(next, ways), names[own % names.length]!, pick(next, calls)];
        const { make, may } = hostilities[name]!;
        const found = await outcome(way, { call, ...make(next, call) });
        const what = `seed ${own}: ${name} in ${call} over ${way}`;
        if (name === 'flipped bytes') {
          if (found instanceof AppError) expect(misled, `${what}: ${found.message}`).toContain(found.code);
        } else if (found instanceof AppError) {
          expect(found.code, `${what}: ${found.message}`).toBe('unreachable');
          expect(found.message, what).toContain('Hive at 127.0.0.1:');
          expect(found.message.length, what).toBeLessThan(700);
        } else {
          expect(may, `${what}: got rows`).toBe(true);
          expect(found, what).toEqual([result]);
        }
        tally[`${name}: ${found instanceof AppError ? 'error' : 'rows'}`] =
          (tally[`${name}: ${found instanceof AppError ? 'error' : 'rows'}`] ?? 0) + 1;
      }
    };
    await Promise.all(Array.from({ length: 40 }, work));
    // each kind is refused at least now and then
    for (const name of names) expect(tally[`${name}: error`], name).toBeGreaterThan(20);
  });

  it.each(ways)('takes no more than a reply may have (%s)', async (way) => {
    const server = await startFakeHive(way, {
      call: 'OpenSession',
      bytes: (_, frame) => frame(Buffer.concat([head('OpenSession'), Buffer.from([12, 0, 0, 11, 0, 9, 0, 255, 255, 0])])),
      after: 'flood',
    });
    const engine = engineAt(way, server.port, 20_000);
    await expect(fetched(engine)).rejects.toMatchObject({ code: 'unreachable' });
    // a response is looked at when it has come whole
    expect(server.sent()).toBeLessThan(way === 'http' ? 192 << 20 : 64 << 20);
    await engine.close();
    await server.close();
  });

  it('a signal ends the wait for any answer: 130', async () => {
    const waits = ways.flatMap((way) => calls.map((call) => ({ way, call })));
    const ended = waits.map(async ({ way, call }) => {
      const server = await startFakeHive(way, { call, bytes: (write) => write().subarray(0, 5), after: 'silence' });
      const engine = engineAt(way, server.port, 60_000);
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 100);
      await expect(fetched(engine, controller.signal), `${call} over ${way}`).rejects.toMatchObject({ code: 'interrupted' });
      await engine.close();
      await server.close();
    });
    await Promise.all(ended);
  });
});
