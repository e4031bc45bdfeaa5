/**
 * Error for bytes that are not a reply of HiveServer2, or may be parts of several replies. The connection is abandoned, because a
 * retry would not help.
 */
export class MalformedReply extends Error {
  constructor(what: string) {
    super(`the server's reply is malformed: ${what}`);
  }
}

/** Largest number of bytes of a reply. A reply has at most some thousand rows. */
export const largestReply = 128 << 20;
