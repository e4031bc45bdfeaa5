/** Types of the two transports of thrift that Basketwise uses, because thrift has none. */
declare module 'thrift' {
  type Flush = (message: Buffer, sequence: unknown) => void;
  type Receiver = (transport: TFramedTransport, sequence: unknown) => void;

  /** Transport whose messages have a length before them. It reads one whole message. */
  export class TFramedTransport {
    constructor(message?: Buffer, flush?: Flush);
    static receiver(received: Receiver, sequence: unknown): (chunk: Buffer) => void;
    /** Returns the next bytes of the message without copying them. */
    read(length: number): Buffer;
  }

  /** Transport whose messages have no length before them. */
  export class TBufferedTransport {
    constructor(message?: Buffer, flush?: Flush);
    static receiver(received: Receiver, sequence: unknown): (chunk: Buffer) => void;
  }
}
