import { HiveDriver, thrift } from 'hive-driver';
import { type FetchReply, readFetchReply } from './fetch-reply.ts';

type FetchRequest = Parameters<HiveDriver['fetchResults']>[0];
type Answered = (error: unknown, reply?: FetchReply) => void;

/** The parts of thrift's generated client that a fetch uses. */
interface Service {
  _reqs: Record<number, Answered>;
  FetchResults(request: unknown, answered: Answered): void;
  recv_FetchResults(input: Input, kind: number, sequence: number): void;
}

/** A received message whose head has been read. */
interface Input {
  trans: { inBuf: Buffer; readPos: number };
}

const replyMessage = 2;

/**
 * Driver whose fetches decode rows directly from the bytes of a message. The decoder of thrift would first make an object for
 * each value.
 */
export class ColumnDriver extends HiveDriver {
  readonly #service: Service;

  /** @param service client class that thrift generated for TCLIService */
  constructor(service: ConstructorParameters<typeof HiveDriver>[1]) {
    super(thrift.TCLIService_types, service);
    this.#service = service as unknown as Service;
    readReplies(this.#service);
  }

  /** Fetches rows. Calls `decode` as soon as a reply arrives. The bytes of the reply are valid only during this call. */
  fetch<T>(request: FetchRequest, decode: (reply: FetchReply) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#service.FetchResults(new thrift.TCLIService_types.TFetchResultsReq(request), (error, reply) => {
        if (reply === undefined) return reject(error);
        try {
          resolve(decode(reply));
        } catch (cause) {
          reject(cause);
        }
      });
    });
  }
}

function readReplies(service: Service): void {
  const generated = service.recv_FetchResults.bind(service);
  service.recv_FetchResults = (input, kind, sequence) => {
    if (kind !== replyMessage) return generated(input, kind, sequence);
    const answered = service._reqs[sequence];
    delete service._reqs[sequence];
    const { inBuf, readPos } = input.trans;
    // thrift expects the next message after the position read.
    input.trans.readPos = inBuf.length;
    answered?.(null, readFetchReply(inBuf, readPos));
  };
}
