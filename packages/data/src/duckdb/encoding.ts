import { TextDecoder } from 'node:util';
import iconv from 'iconv-lite';

/** Encoding that the engine reads itself. */
export const utf8 = 'utf-8';

/** Replacement character for invalid bytes. */
const replacement = '\ufffd';

/** Platform's name of encodings that its decoder knows under another name, or would mistake for a similar one. */
const platformNames: Readonly<Record<string, string>> = { cp949: 'euc-kr', ms949: 'euc-kr', uhc: 'euc-kr', cp932: 'shift_jis' };

/** Platform's decoder, which reports invalid bytes. Undefined for an encoding that it does not know. */
function platformDecoder(encoding: string): TextDecoder | undefined {
  // It would read UTF-16 as little-endian even after a big-endian mark.
  if (/^utf-?16$/.test(encoding)) return undefined;
  try {
    return new TextDecoder(platformNames[encoding] ?? encoding, { fatal: true });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Encodings of bytes as text. CSV files do not use them. */
const noCharacters =
  /^(base64|hex|binary|internal|utf-?7(-imap)?|replacement|x-user-defined|iso-2022-(kr|cn|cn-ext)|hz-gb-2312|csiso2022kr)$/;

/** Whether CSV files of an encoding can be read. The name is in lower case. */
export function isEncoding(name: string): boolean {
  return !noCharacters.test(name) && (platformDecoder(name) !== undefined || iconv.encodingExists(name));
}

/**
 * Opens a decoder: a function from bytes to their text. Without bytes it returns the text of the end. Undefined: the bytes are
 * invalid.
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
