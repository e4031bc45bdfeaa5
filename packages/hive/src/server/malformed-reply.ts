/** Error of a reply that is not HiveServer2's, or may be more than one. A retry would not help; its connection is abandoned. */
export class MalformedReply extends Error {
  constructor(what: string) {
    super(`the server's reply is malformed: ${what}`);
  }
}

/** Bytes of the largest reply; replies with rows have some thousand of them. */
export const largestReply = 128 << 20;
