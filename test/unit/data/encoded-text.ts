/** Names that the platform has for encodings. */
const platformNames: Readonly<Record<string, string>> = { cp949: 'euc-kr', cp932: 'shift_jis' };

/** Bytes of a text in an encoding of one or two bytes, which Node can only decode: by looking every code up once. */
export function encodedText(text: string, encoding: string): Uint8Array {
  const codes = codesOf(platformNames[encoding] ?? encoding);
  const bytesOf = (character: string) => {
    const bytes = character < '\u0080' ? [character.charCodeAt(0)] : codes.get(character);
    if (bytes === undefined) throw new Error(`not in ${encoding}: ${character}`);
    return bytes;
  };
  return Uint8Array.from([...text].flatMap(bytesOf));
}

const found = new Map<string, ReadonlyMap<string, readonly number[]>>();

function codesOf(encoding: string): ReadonlyMap<string, readonly number[]> {
  const known = found.get(encoding);
  if (known) return known;
  const codes = new Map<string, readonly number[]>();
  const decoder = new TextDecoder(encoding);
  // Without `stream`, Node 20 reads windows-1252 as ISO 8859-1.
  const characterOf = (code: readonly number[]) => decoder.decode(Uint8Array.from(code), { stream: true }) + decoder.decode();
  for (let lead = 0x80; lead <= 0xff; lead++) {
    for (const code of [[lead], ...Array.from({ length: 0xbf }, (_, i) => [lead, 0x40 + i])]) {
      const character = characterOf(code);
      if ([...character].length === 1 && character !== '\ufffd' && !codes.has(character)) codes.set(character, code);
    }
  }
  found.set(encoding, codes);
  return codes;
}
