import { TextDecoder } from 'node:util';
import iconv from 'iconv-lite';

/** Encoding that the engine can read without a copy. */
export const utf8 = 'utf-8';

/** Character that decoders write in place of invalid bytes. */
const replacement = '\ufffd';

/**
 * Name of an encoding in the platform's decoder, for encodings that the decoder knows under another name or would confuse with a
 * similar encoding.
 */
const platformNames: Readonly<Record<string, string>> = { cp949: 'euc-kr', ms949: 'euc-kr', uhc: 'euc-kr', cp932: 'shift_jis' };

/** Decoder of the platform for an encoding, which reports invalid bytes. Undefined if the platform does not know the encoding. */
function platformDecoder(encoding: string): TextDecoder | undefined {
  // The platform's decoder would read UTF-16 as little-endian even after a big-endian byte order mark.
  if (/^utf-?16$/.test(encoding)) return undefined;
  try {
    return new TextDecoder(platformNames[encoding] ?? encoding, { fatal: true });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Names that stand for a notation of bytes as text, such as base64. They are no encodings of CSV files. */
const noCharacters =
  /^(base64|hex|binary|internal|utf-?7(-imap)?|replacement|x-user-defined|iso-2022-(kr|cn|cn-ext)|hz-gb-2312|csiso2022kr)$/;

/**
 * Whether CSV files in an encoding can be read.
 * @param name in lower case
 */
export function isEncoding(name: string): boolean {
  return !noCharacters.test(name) && (platformDecoder(name) !== undefined || iconv.encodingExists(name));
}

/**
 * Opens a decoder. It is a function that converts bytes to text, and returns undefined for invalid bytes. Called without bytes,
 * it returns the text that remains at the end.
 * @param encoding one that `isEncoding` accepts
 */
export function openDecoder(encoding: string): (bytes: Buffer | undefined) => string | undefined {
  const platform = platformDecoder(encoding);
  if (platform === undefined) {
    const decoder = iconv.getDecoder(encoding);
    return (bytes) => {
      const text = bytes === undefined ? (decoder.end() ?? '') : decoder.write(bytes);
      return text.includes(replacement) ? undefined : text;
    };
  }
  return (bytes) => {
    try {
      return bytes === undefined ? platform.decode() : platform.decode(bytes, { stream: true });
    } catch (error) {
      if (error instanceof TypeError) return undefined;
      throw error;
    }
  };
}
