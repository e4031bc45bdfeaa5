import { access, constants, open, readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ifThere } from '@basketwise/data/base';

/** Number of bytes, from the beginning of a file, by which its encoding is recognised. */
const encodingBytes = 1 << 20;

async function firstBytes(file: string): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(encodingBytes), 0, encodingBytes, 0);
    const bytes = buffer.subarray(0, bytesRead);
    if (!/\.gz$/i.test(file)) return bytes;
    try {
      return gunzipSync(bytes, { finishFlush: 2 });
    } catch {
      return Buffer.alloc(0); // The reader of the whole file reports its faults.
    }
  } finally {
    await handle.close();
  }
}

function isEncodedIn(encoding: string, bytes: Buffer): boolean {
  try {
    // The last character may be truncated.
    new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** Reads the first bytes of each CSV file in a folder. */
async function csvHeads(folder: string): Promise<Buffer[]> {
  const files = (await tableFilesIn(folder))
    .filter((name) => /\.(csv|tsv|txt)(\.gz)?$/i.test(name))
    .map((name) => join(folder, name));
  return Promise.all(files.map(firstBytes));
}

/**
 * Whether most sequences of Chinese, Japanese or Korean characters have no Latin letter before or after them. Otherwise the text
 * probably has a Western encoding: letters and signs such as Š and ’ were wrongly decoded as Asian characters.
 */
function hasWords(encoding: 'shift_jis' | 'euc-kr' | 'gb18030', heads: readonly Buffer[]): boolean {
  const texts = heads.map((bytes) => new TextDecoder(encoding).decode(bytes.subarray(0, 1 << 16)));
  const runs = /\p{Script=Latin}?[\p{Script=Han}\p{Script=Hangul}\u3041-\u30ff]+\p{Script=Latin}?/gu;
  const found = [...new Set(texts.flatMap((text) => text.match(runs) ?? []))];
  return 2 * found.filter((run) => !/\p{Script=Latin}/u.test(run)).length > found.length;
}

/**
 * Smallest share of the bytes beyond ASCII that must be first bytes of common Japanese characters. In other encodings these bytes are
 * rare.
 */
const leastJapanese = 0.2;

/** Whether bytes are Japanese text in Shift-JIS. Such bytes are often valid in CP949 and windows-1252, too. */
function isJapanese(heads: readonly Buffer[]): boolean {
  const beyond = heads.flatMap((bytes) => bytes.subarray(0, 1 << 16).filter((byte) => byte >= 0x80));
  const sum = (is: (byte: number) => boolean) => beyond.reduce((all, bytes) => all + bytes.filter(is).length, 0);
  const leads = sum((byte) => byte >= 0x81 && byte <= 0x9f);
  return (
    leads > leastJapanese * sum(() => true) &&
    heads.every((bytes) => isEncodedIn('shift_jis', bytes)) &&
    hasWords('shift_jis', heads)
  );
}

/**
 * Smallest share of Chinese characters, after decoding as CP949, that shows that a text is Chinese. Korean tables have hardly any.
 */
const leastChinese = 0.1;

/** Whether bytes are Chinese text in GB18030. Such text is also valid CP949, in which it is mostly Korean syllables. */
function isChinese(heads: readonly Buffer[]): boolean {
  const texts = heads.map((bytes) => new TextDecoder('euc-kr').decode(bytes.subarray(0, 1 << 16)));
  const sum = (pattern: RegExp) => texts.reduce((all, text) => all + (text.match(pattern)?.length ?? 0), 0);
  const [chinese, korean] = [sum(/\p{Script=Han}/gu), sum(/\p{Script=Hangul}/gu)];
  return (
    chinese > leastChinese * (chinese + korean) &&
    heads.every((bytes) => isEncodedIn('gb18030', bytes)) &&
    hasWords('gb18030', heads)
  );
}

/**
 * Letters beyond ASCII of languages, in lower case, by the encoding with one byte per character. The first encoding is that of texts
 * which all encodings read alike.
 */
const alphabets: Readonly<Record<string, readonly string[]>> = {
  'windows-1252': [
    'äöüß',
    'éèêàçâîôûùëïœ',
    'áéíóúñü',
    'ãáâàçéêíóôõú',
    'àèéìòù',
    'àçéèíïóòúü',
    'åäöæøé',
    'äöåšž',
    'áéíóúýþæöð',
    'ëïéèöü',
  ],
  'windows-1250': ['áčďéěíňóřšťúůýž', 'áäčďéíľĺňóôšťúýž', 'ąćęłńóśźż', 'áéíóöőúüű', 'čćđšž', 'ăâîşţ'],
  'windows-1254': ['çğıöşüâîi̇'],
  'windows-1257': ['ąčęėįšųūž', 'āčēģīķļņšūž', 'äöõüšž'],
  'windows-1251': ['абвгдежзийклмнопрстуфхцчшщъыьэюяё', 'абвгґдеєжзиіїйклмнопрстуфхцчшщьюя', 'абвгдђежзијклљмнњопрстћуфхцчџш'],
  'windows-1253': ['αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ'],
  'windows-1255': ['אבגדהוזחטיךכלםמןנסעףפץצקרשת'],
};
const singleByte = [...Object.entries(alphabets), ['iso-8859-2', alphabets['windows-1250']!] as const];

/** Signs that texts of all languages have, such as quotation marks. They tell nothing about an encoding. */
const signs = /[\u00a0§°©®«»·\u2010-\u203a€™]/u;

/**
 * Share of the characters beyond ASCII that do not suit the language that suits best, 0 to 1. A letter of another language of the
 * encoding counts half. A sign within a word, a capital after a small letter, and another script beside Latin letters do not suit.
 */
function misfit(words: readonly string[], languages: readonly string[]): number {
  const letters = new Set(languages.join(''));
  const isLatin = /\p{Script=Latin}/u.test(languages[0]!);
  let all = 0;
  const strange = languages.map(() => 0);
  for (const word of words) {
    for (const [i, char] of [...word].entries()) {
      if (char < '\x80' || char === '’' || (signs.test(char) && !/\p{L}/u.test(word[i + 1] ?? ''))) continue;
      all++;
      const [before, after] = [word[i - 1] ?? '', word[i + 1] ?? ''];
      const lower = char.toLowerCase();
      const isMisplaced = (char !== lower && /\p{Ll}/u.test(before)) || (!isLatin && /[a-z]/i.test(before + after));
      for (const [k, language] of languages.entries())
        strange[k]! += isMisplaced || !letters.has(lower[0]!) ? 1 : language.includes(lower) ? 0 : 0.5;
    }
  }
  return Math.min(...strange) / Math.max(1, all);
}

/** Largest ratio of the misfits of the best encoding and of another one at which the best one is certain. */
const certain = 0.8;
/** Largest misfit of an encoding that is certain. */
const mostMisfit = 0.4;

/**
 * Encodings with one byte per character that the words of the tables suit best, best first. A further encoding follows only if its
 * letters suit nearly as well.
 */
function singleByteEncodings(heads: readonly Buffer[]): string[] {
  const texts = heads.map((bytes) => bytes.subarray(0, 1 << 16).toString('latin1'));
  const words = [...new Set(texts.flatMap((text) => text.match(/[A-Za-z'\x80-\xff]*[\x80-\xff][A-Za-z'\x80-\xff]*/g) ?? []))];
  const read = singleByte.flatMap(([name, languages]) => {
    const decoder = new TextDecoder(name, { fatal: true });
    try {
      // Without `stream`, Node 20 reads windows-1252 as ISO 8859-1.
      const decoded = words.map((word) => decoder.decode(Buffer.from(word, 'latin1'), { stream: true }));
      return [{ name, text: decoded.join(' '), misfit: misfit(decoded, languages) }];
    } catch {
      return []; // Some byte has no character in this encoding.
    }
  });
  const ranked = read.toSorted((a, b) => a.misfit - b.misfit);
  const { misfit: least } = ranked[0]!;
  const near = ranked.filter((one) => least > mostMisfit || least >= certain * one.misfit);
  return near.filter(({ text }, i) => near.findIndex((one) => one.text === text) === i).map(({ name }) => name);
}

/**
 * Finds an encoding in which all CSV files of a folder are valid: UTF-8, UTF-16, CP932, CP949, GB18030, or one with one byte per
 * character. Further encodings follow if the bytes do not show which one is right.
 */
export async function findEncodings(folder: string): Promise<string[]> {
  const heads = await csvHeads(folder);
  if (heads.length > 0 && heads.every((bytes) => /^(\xff\xfe|\xfe\xff)/.test(bytes.subarray(0, 2).toString('latin1'))))
    return ['utf-16'];
  if (heads.every((bytes) => isEncodedIn('utf-8', bytes))) return ['utf-8'];
  if (isJapanese(heads)) return ['cp932'];
  if (heads.every((bytes) => isEncodedIn('euc-kr', bytes))) {
    if (isChinese(heads)) return ['gb18030'];
    if (hasWords('euc-kr', heads)) return ['cp949'];
  }
  return singleByteEncodings(heads);
}

const tableFile = /\.(parquet|pq|arrow|arrows|feather|ipc|(csv|tsv|txt)(\.gz)?)$/i;

/**
 * Names of the files in a folder.
 * @throws AppError not-permitted if the folder cannot be read
 */
async function tableFilesIn(folder: string): Promise<string[]> {
  const entries = (await ifThere(folder, readdir(folder, { withFileTypes: true }))) ?? [];
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

/**
 * Tables in a folder, as a config names them in `from`. A table is a file, or a pattern of files whose names differ only in
 * numbers.
 * @throws AppError not-permitted if the folder or one of the files cannot be read
 */
export async function findTableFiles(folder: string): Promise<string[]> {
  const files = (await tableFilesIn(folder)).filter((name) => tableFile.test(name) && !name.startsWith('.'));
  for (const file of files) await ifThere(file, access(join(folder, file), constants.R_OK));
  const byPattern = new Map<string, string[]>();
  for (const name of files.sort()) {
    const stem = name.slice(0, name.length - extname(name).length);
    const pattern =
      /\d/.test(stem) && !/[*?[\]]/.test(name) ? `${stem.replaceAll(/\d+([-_.]?\d+)*/g, '*')}${extname(name)}` : name;
    byPattern.set(pattern, [...(byPattern.get(pattern) ?? []), name]);
  }
  return [...byPattern].flatMap(([pattern, names]) => (names.length > 1 ? [pattern] : names)).sort();
}
