import { HiveDriver, thrift } from 'hive-driver';
import { type FetchReply, readFetchReply } from './fetch-reply.ts';

type FetchRequest = Parameters<HiveDriver['fetchResults']>[0];
type Answered = (error: unknown, reply?: FetchReply) => void;

/** The parts of thrift's generated client that a fetch passes through. */
interface Service {
  _reqs: Record<number, Answered>;
  FetchResults(request: unknown, answered: Answered): void;
  recv_FetchResults(input: Input, kind: number, sequence: number): void;
}

/** A message whose head has been read. */
interface Input {
  trans: { inBuf: Buffer; readPos: number };
}

const replyMessage = 2;

/** hive-driver's calls, with rows decoded from the bytes of the message; thrift would make an object of each value first. */
export class ColumnDriver extends HiveDriver {
  readonly #service: Service;

  /** @param service thrift's client of TCLIService */
  constructor(service: ConstructorParameters<typeof HiveDriver>[1]) {
    super(thrift.TCLIService_types, service);
    this.#service = service as unknown as Service;
    readReplies(this.#service);
  }

  /** Fetches rows. `decode` is called as soon as they arrive; afterwards the bytes of the message are reused. */
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
    // thrift expects another message behind the position read
    input.trans.readPos = inBuf.length;
    answered?.(null, readFetchReply(inBuf, readPos));
  };
}
