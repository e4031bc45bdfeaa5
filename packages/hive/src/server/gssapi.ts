import type { Readable, Writable } from 'node:stream';
import { AppError } from '@basketwise/core';
import type { KerberosExchange } from './kerberos.ts';
import { MalformedReply } from './message-end.ts';

/** Status numbers of SASL messages. */
const status = { start: 1, ok: 2, bad: 3, error: 4, complete: 5 };

/** Largest number of bytes of a message. A token that lists the groups of a large directory has about 64 KiB. */
const largestMessage = 1 << 20;

/**
 * Bit that means "no security layer". The server offers its layers as bits (none, integrity, confidentiality), and the client
 * answers with one of them.
 */
const noLayer = 1;

/**
 * Logs in by SASL's mechanism GSSAPI (RFC 4752) over an open connection. Nothing else may read from the connection in the
 * meantime. `place` names the server in messages.
 * @throws AppError not-permitted if the ticket is refused, config if the server requires each message sealed or encrypted
 */
export async function greetByGssapi(
  connection: Readable & Writable,
  { client, token }: KerberosExchange,
  place: string,
): Promise<void> {
  const reader = readerOf(connection);
  const answer = async (wanted: number): Promise<string> => {
    const message = await readMessage(reader);
    if (message.status === wanted) return message.text.toString('base64');
    if (![status.bad, status.error].includes(message.status)) throw new MalformedReply('no answer of SASL');
    throw refusedLogin(place, message.text.toString('utf8'));
  };
  const say = (base64: string): void => void connection.write(messageOf(status.ok, Buffer.from(base64, 'base64')));
  connection.write(messageOf(status.start, Buffer.from('GSSAPI')));
  say(token);
  let challenge = await answer(status.ok);
  while (!client.contextComplete) {
    say((await client.step(challenge)) ?? '');
    challenge = await answer(status.ok);
  }
  const [offered = 0] = Buffer.from(await client.unwrap(challenge), 'base64');
  if ((offered & noLayer) === 0) throw layerWanted(place);
  // The package reads eight bytes. Without a layer, the largest message that we accept is 0.
  say(await client.wrap(Buffer.from([noLayer, 0, 0, 0, 0, 0, 0, 0]).toString('base64'), { user: '' }));
  await answer(status.complete);
  reader.end();
}

function messageOf(kind: number, text: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head[0] = kind;
  head.writeUInt32BE(text.length, 1);
  return Buffer.concat([head, text]);
}

interface SocketReader {
  /** Next `count` bytes. Waits without a time limit: the caller has the deadline, and notices the end of the connection. */
  take(count: number): Promise<Buffer>;
  /** Ends the login, and leaves the connection to the next reader. */
  end(): void;
}

function readerOf(connection: Readable): SocketReader {
  let held = Buffer.alloc(0);
  let wake = (): void => {};
  const keep = (chunk: Buffer): void => {
    held = Buffer.concat([held, chunk]);
    if (held.length > largestMessage) connection.pause();
    wake();
  };
  connection.on('data', keep);
  return {
    async take(count) {
      while (held.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const bytes = held.subarray(0, count);
      held = held.subarray(count);
      return bytes;
    },
    end() {
      connection.off('data', keep);
      if (held.length > 0) throw new MalformedReply('more than an answer of SASL');
    },
  };
}

async function readMessage(reader: SocketReader): Promise<{ status: number; text: Buffer }> {
  const head = await reader.take(5);
  const length = head.readUInt32BE(1);
  if (head[0]! < status.start || head[0]! > status.complete) throw new MalformedReply('no answer of SASL');
  if (length > largestMessage - 5) throw new MalformedReply('a message of SASL is too large');
  return { status: head[0]!, text: await reader.take(length) };
}

function refusedLogin(place: string, words: string): AppError {
  const reason = words
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 400);
  return new AppError(
    'not-permitted',
    `${place} refuses the ticket: ${reason || 'no reason given'}`,
    "Check that the server's keytab has the service's present key, that its clock is right, and that `principal` is its own; its log says more.",
  );
}

function layerWanted(place: string): AppError {
  return new AppError(
    'config',
    `${place} requires every message sealed or encrypted by Kerberos (hive.server2.thrift.sasl.qop: auth-int or auth-conf), which Basketwise does not support`,
    'Have the server ask for qop auth and encrypt by TLS: `tls`.',
  );
}
