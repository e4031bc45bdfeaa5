/** Bytes of a text in an encoding of one or two bytes, which Node can only decode: by looking every code of two bytes up once. */
export function twoByteText(text: string, encoding: 'euc-kr' | 'shift_jis' | 'gb18030'): Uint8Array {
  const codes = codesOf(encoding);
  const bytesOf = (character: string) => {
    const bytes = character < '\u0080' ? [character.charCodeAt(0)] : codes.get(character);
    if (bytes === undefined) throw new Error(`not in ${encoding}: ${character}`);
    return bytes;
  };
  return Uint8Array.from([...text].flatMap(bytesOf));
}

/** Encodes text as CP949. */
export function cp949(text: string): Uint8Array {
  return twoByteText(text, 'euc-kr');
}

const found = new Map<string, ReadonlyMap<string, readonly number[]>>();

function codesOf(encoding: string): ReadonlyMap<string, readonly number[]> {
  const known = found.get(encoding);
  if (known) return known;
  const codes = new Map<string, readonly number[]>();
  const decoder = new TextDecoder(encoding);
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      const character = decoder.decode(Uint8Array.of(lead, trail));
      if ([...character].length === 1 && character !== '\ufffd' && !codes.has(character)) codes.set(character, [lead, trail]);
    }
  }
  found.set(encoding, codes);
  return codes;
}
