/** The two transports of thrift (which has no types) that Basketwise uses. */
declare module 'thrift' {
  type Flush = (message: Buffer, sequence: unknown) => void;
  type Receiver = (transport: TFramedTransport, sequence: unknown) => void;

  /** Reads one whole message; writes messages with a length before them. */
  export class TFramedTransport {
    constructor(message?: Buffer, flush?: Flush);
    static receiver(received: Receiver, sequence: unknown): (chunk: Buffer) => void;
    /** The next bytes of the message, not copied. */
    read(length: number): Buffer;
  }

  /** Writes messages as they are. */
  export class TBufferedTransport {
    constructor(message?: Buffer, flush?: Flush);
    static receiver(received: Receiver, sequence: unknown): (chunk: Buffer) => void;
  }
}
