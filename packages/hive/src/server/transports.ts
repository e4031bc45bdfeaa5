import thrift from 'thrift';
import { MalformedReply } from './malformed-reply.ts';
import { framedEnd, type MessageEnd, unframedEnd } from './message-end.ts';

/** Called when a stream of replies becomes invalid. */
type Failed = (reason: Error) => void;

/** Calls back with each whole message of a stream of chunks. The next message overwrites it, so copy data that is used later. */
function messageAssembler(end: MessageEnd, received: (message: Buffer) => void, failed: Failed): (chunk: Buffer) => void {
  let bytes = Buffer.allocUnsafe(1 << 16);
  let length = 0;
  let hasFailed = false;
  const add = (chunk: Buffer): void => {
    if (length + chunk.length > bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * bytes.length, length + chunk.length));
      bytes.copy(larger, 0, 0, length);
      bytes = larger;
    }
    chunk.copy(bytes, length);
    length += chunk.length;
    for (let at = end(bytes, length); at >= 0; at = end(bytes, length)) {
      received(bytes.subarray(0, at));
      bytes.copyWithin(0, at, length);
      length -= at;
    }
  };
  return (chunk) => {
    if (hasFailed) return;
    try {
      add(chunk);
    } catch (error) {
      // An error thrown here would end the process.
      hasFailed = true;
      bytes = Buffer.alloc(0);
      failed(error instanceof Error ? error : new Error(String(error)));
    }
  };
}

/**
 * A whole message. Parts that thrift takes from it (handles, 64-bit numbers) are copied, because they are used longer than the
 * message.
 */
class Message extends thrift.TFramedTransport {
  override read(length: number): Buffer {
    return Buffer.from(super.read(length));
  }
}

/** Messages with a length prefix (after SASL), assembled without thrift's copy of every byte into an array. */
export function framedTransport(failed: Failed): typeof thrift.TFramedTransport {
  return class extends thrift.TFramedTransport {
    static override receiver(received: thrift.Receiver, sequence: unknown): (chunk: Buffer) => void {
      return messageAssembler(framedEnd(), (message) => received(new Message(message.subarray(4)), sequence), failed);
    }
  };
}

/** Messages without a length (NOSASL). Each is decoded once, when complete. */
export function unframedTransport(failed: Failed): typeof thrift.TBufferedTransport {
  return class extends thrift.TBufferedTransport {
    static override receiver(received: thrift.Receiver, sequence: unknown): (chunk: Buffer) => void {
      return messageAssembler(unframedEnd(), (message) => received(new Message(message), sequence), failed);
    }
  };
}

/** Messages that end with their response (HTTP). */
export function responseTransport(failed: Failed): typeof thrift.TBufferedTransport {
  return class extends thrift.TBufferedTransport {
    static override receiver(received: thrift.Receiver, sequence: unknown): (response: Buffer) => void {
      let messages = 0;
      const count = (message: Buffer): void => {
        messages += 1;
        received(new Message(message), sequence);
      };
      const assemble = messageAssembler(unframedEnd(), count, failed);
      return (response) => {
        assemble(response);
        if (messages === 0) failed(new MalformedReply('a response without a whole message'));
      };
    }
  };
}
