/**
 * Error of a reply that is not HiveServer2's, or could be more than one reply. A retry would not help, so its connection is
 * abandoned.
 */
export class MalformedReply extends Error {
  constructor(what: string) {
    super(`the server's reply is malformed: ${what}`);
  }
}

/** Bytes of the largest reply. Replies with rows have some thousand of them. */
export const largestReply = 128 << 20;
