/** Failure of a reply that is none of HiveServer2's, or that may be more than one. Asking again would not help; its connection is given up. */
export class MalformedReply extends Error {
  constructor(what: string) {
    super(`the server's reply is malformed: ${what}`);
  }
}

/** Bytes of the largest reply that is read; those with rows have some thousand of them. */
export const largestReply = 128 << 20;
