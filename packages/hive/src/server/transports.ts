import thrift from 'thrift';
import { framedEnd, MalformedReply, type MessageEnd, unframedEnd } from './message-end.ts';

/** Callback for a stream of replies that becomes invalid. */
type Failed = (reason: Error) => void;

/**
 * Makes a function that takes chunks of a stream, and calls `received` with each whole message. The next message overwrites the
 * bytes, so `received` must copy those that it uses later.
 */
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
 * One whole message, from which thrift reads. Handles and 64-bit numbers are copied, because they are used after the next message
 * has overwritten the bytes.
 */
class Message extends thrift.TFramedTransport {
  override read(length: number): Buffer {
    return Buffer.from(super.read(length));
  }
}

/** Transport for messages with a length prefix (after SASL). thrift's own transport would copy every byte into an array. */
export function framedTransport(failed: Failed): typeof thrift.TFramedTransport {
  return class extends thrift.TFramedTransport {
    static override receiver(received: thrift.Receiver, sequence: unknown): (chunk: Buffer) => void {
      return messageAssembler(framedEnd(), (message) => received(new Message(message.subarray(4)), sequence), failed);
    }
  };
}

/** Transport for messages without a length prefix (NOSASL). It decodes each message once, when it is complete. */
export function unframedTransport(failed: Failed): typeof thrift.TBufferedTransport {
  return class extends thrift.TBufferedTransport {
    static override receiver(received: thrift.Receiver, sequence: unknown): (chunk: Buffer) => void {
      return messageAssembler(unframedEnd(), (message) => received(new Message(message), sequence), failed);
    }
  };
}

/** Transport for messages that end with their HTTP response. */
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
