/**
 * Encodes text as CP949, which Node can only decode: by looking every two-byte code up once.
 */
export function cp949(text: string): Uint8Array {
  return Uint8Array.from(
    [...text].flatMap((character) =>
      character < '\u0080' ? [character.charCodeAt(0)] : (codes.get(character) ?? fail(character)),
    ),
  );
}

const codes = new Map<string, [number, number]>();
const decoder = new TextDecoder('euc-kr');
for (let lead = 0x81; lead <= 0xfe; lead++) {
  for (let trail = 0x41; trail <= 0xfe; trail++) {
    const character = decoder.decode(Uint8Array.of(lead, trail));
    if ([...character].length === 1 && character !== '\ufffd' && !codes.has(character)) codes.set(character, [lead, trail]);
  }
}

function fail(character: string): never {
  throw new Error(`not in CP949: ${character}`);
}
