import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@basketwise/core';
import { describe, expect, it } from 'vitest';
import { greetByGssapi } from '../../../packages/hive/src/server/gssapi.ts';

const base64 = (text: string | number[]): string => Buffer.from(text as string).toString('base64');

/** A client whose tokens are counted, and whose seals are none. */
function clientOf(steps: number) {
  const wrapped: string[] = [];
  let step = 0;
  const client = {
    get contextComplete() {
      return step >= steps;
    },
    step: async (challenge: string) => {
      step += 1;
      return step === steps ? null : base64(`answer to ${Buffer.from(challenge, 'base64')}`);
    },
    unwrap: async (sealed: string) => sealed,
    wrap: async (message: string, { user }: { user: string }) => {
      wrapped.push(`${Buffer.from(message, 'base64').toString('hex')} for "${user}"`);
      return message;
    },
  };
  return { exchange: { client, token: base64('first') }, wrapped };
}

function message(status: number, text: string | number[]): Buffer {
  const body = Buffer.from(text as string);
  const head = Buffer.alloc(5);
  head[0] = status;
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

/** Greets a server that says what `replies` has, byte by byte where asked; returns the outcome, and all that the server received. */
async function greeted(replies: readonly Buffer[], { slowly = false, steps = 1 } = {}) {
  const received: Buffer[] = [];
  const server = createServer(async (socket: Socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    for (const reply of replies) {
      if (!slowly) socket.write(reply);
      else for (const byte of reply) await sleep(1).then(() => socket.write(Buffer.from([byte])));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as { port: number }).port, '127.0.0.1');
  const { exchange, wrapped } = clientOf(steps);
  const outcome = await greetByGssapi(socket, exchange, 'Hive at bank:10000').catch((error: unknown) => error);
  await sleep(20);
  socket.destroy();
  server.close();
  return { outcome, received: Buffer.concat(received), wrapped };
}

const [ok, complete, bad] = [2, 5, 3];

describe('a greeting by GSSAPI', () => {
  it.each([false, true])('goes through tokens and layers, and chooses none (byte by byte: %s)', async (slowly) => {
    const replies = [message(ok, 'second'), message(ok, [7, 0, 1, 0]), message(complete, '')];
    const { outcome, received, wrapped } = await greeted(replies, { slowly });
    expect(outcome).toBeUndefined();
    expect(received).toEqual(
      Buffer.concat([message(1, 'GSSAPI'), message(ok, 'first'), message(ok, ''), message(ok, [1, 0, 0, 0, 0, 0, 0, 0])]),
    );
    expect(wrapped).toEqual(['0100000000000000 for ""']);
  });

  it('a server that wants seals or encryption: what it is, and what to do', async () => {
    const { outcome } = await greeted([message(ok, 'second'), message(ok, [6, 0, 1, 0])]);
    expect(outcome).toMatchObject({ code: 'config', message: expect.stringContaining('auth-int or auth-conf') });
    expect((outcome as AppError).hint).toContain('tls');
  });

  it('a refusal: not permitted, in the words of the server', async () => {
    const { outcome } = await greeted([message(bad, 'GSS initiate failed\n')]);
    expect(outcome).toMatchObject({
      code: 'not-permitted',
      message: 'Hive at bank:10000 refuses the ticket: GSS initiate failed',
    });
  });

  it.each([
    ['another protocol', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['a length of 4 GB', Buffer.from([ok, 255, 255, 255, 255])],
    ['a status out of turn', message(complete, 'already')],
  ])('%s is no answer', async (_, reply) => {
    const { outcome } = await greeted([reply]);
    expect(outcome).toBeInstanceOf(Error);
    expect(outcome).not.toBeInstanceOf(AppError);
  });

  it('no unsealed word is taken for the offer of layers', async () => {
    const { outcome } = await greeted([message(ok, 'second'), message(ok, '')]);
    expect(outcome).toMatchObject({ code: 'config' });
  });
});
