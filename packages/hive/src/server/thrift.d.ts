/** Both transports of thrift that Basketwise uses. thrift has no types. */
declare module 'thrift' {
  type Flush = (message: Buffer, sequence: unknown) => void;
  type Receiver = (transport: TFramedTransport, sequence: unknown) => void;

  /** Reads one whole message. Writes messages with a length before them. */
  export class TFramedTransport {
    constructor(message?: Buffer, flush?: Flush);
    static receiver(received: Receiver, sequence: unknown): (chunk: Buffer) => void;
    /** Next bytes of the message, not copied. */
    read(length: number): Buffer;
  }

  /** Writes messages unchanged. */
  export class TBufferedTransport {
    constructor(message?: Buffer, flush?: Flush);
    static receiver(received: Receiver, sequence: unknown): (chunk: Buffer) => void;
  }
}
