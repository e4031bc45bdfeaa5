import thrift from 'thrift';
import { framedEnd, type MessageEnd, unframedEnd } from './message-end.ts';

/** Calls back with each whole message of a stream of chunks. The next message overwrites it: what is to last must be copied. */
function messageAssembler(end: MessageEnd, received: (message: Buffer) => void): (chunk: Buffer) => void {
  let bytes = Buffer.allocUnsafe(1 << 16);
  let length = 0;
  return (chunk) => {
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
}

/** A whole message. Bytes that thrift cuts out of it (handles, 64-bit numbers) are copied: they last longer than the message. */
class Message extends thrift.TFramedTransport {
  override read(length: number): Buffer {
    return Buffer.from(super.read(length));
  }
}

/** Messages with their length before them (after SASL), put together without thrift's copy of every byte into an array. */
export class FramedTransport extends thrift.TFramedTransport {
  static override receiver(received: thrift.Receiver, sequence: unknown): (chunk: Buffer) => void {
    return messageAssembler(framedEnd(), (message) => received(new Message(message.subarray(4)), sequence));
  }
}

/** Messages without a length (NOSASL, HTTP), each decoded once, when it has come whole. */
export class UnframedTransport extends thrift.TBufferedTransport {
  static override receiver(received: thrift.Receiver, sequence: unknown): (chunk: Buffer) => void {
    return messageAssembler(unframedEnd(), (message) => received(new Message(message), sequence));
  }
}
