import { spawn } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { AppError } from '@basketwise/core/base';
import { ifThere } from '@basketwise/data/base';
import { type Journal, type JournalEntry, signedText } from '@basketwise/pipeline';
import { Point } from '@noble/ed25519';
import { parse } from 'yaml';
import { z } from 'zod';

const roles = ['run', 'approve', 'resume'] as const;
/** Right of a key: sign runs, approve or reject runs, or end a stop of publication. */
type Role = (typeof roles)[number];

/** Roles that permit signing an entry, by kind of entry. A key needs one of these roles. */
const rolesOf: Readonly<Record<JournalEntry['what'], readonly Role[]>> = {
  prepared: ['run'],
  approve: ['approve'],
  reject: ['approve'],
  release: ['run', 'approve'],
  stop: roles,
  resume: ['resume'],
  forget: ['approve'],
};

const keysShape = z.record(
  z.string().regex(/^[\w.@-]+$/, 'a name of letters, digits and . _ @ -'),
  z
    .strictObject({
      /** Public key and private key: PEM files, relative to the file of keys. */
      public: z.string(),
      private: z.string().optional(),
      passphrase_env: z.string().optional(),
      /** Program with arguments that signs: it reads the text on stdin and writes the signature to stdout. */
      command: z.array(z.string()).min(1).optional(),
      may: z.array(z.enum(roles)),
      /** Former roles, which the key had up to the journal lines in `until`. */
      had: z.array(z.enum(roles)).default([]),
      /** sha256 of the last journal line that the key could sign with its former roles (from `journal verify`), one for each output folder. */
      until: z.array(z.string().regex(/^[0-9a-f]{64}$/, 'the hash of a line, by `journal verify`')).default([]),
    })
    .refine((key) => key.private === undefined || key.command === undefined, 'has `private` or `command`, not both')
    .refine((key) => key.had.length === 0 || key.until.length > 0, '`had` needs `until`'),
);

/** Key in the file of keys. */
export interface Key {
  name: string;
  public: KeyObject;
  may: readonly Role[];
  /** Former roles, which the key had up to the journal lines whose hashes are in `until`. */
  had: readonly Role[];
  until: readonly string[];
  /** Absolute path of the private key. */
  private?: string | undefined;
  passphrase?: string | undefined;
  command?: readonly string[] | undefined;
}

/** All keys of a config. */
export interface Keys {
  byName: ReadonlyMap<string, Key>;
  /** sha256 over the names, public keys and roles of all keys. Undefined if the file of keys cannot be used. */
  rolesHash: string | undefined;
}

/**
 * Reads the file of keys.
 * @throws AppError missing-input if a file does not exist, config if the file of keys is invalid, not-permitted if other accounts can change the
 * keys or read a private key
 */
export async function readKeys(path: string): Promise<Keys> {
  const text = await ifThere(path, readFile(path, 'utf8'));
  if (text === undefined)
    throw new AppError('missing-input', `release.keys: there is no ${path}`, 'docs/audit.md#keys shows one.');
  await needClosed(path, 'public');
  const { data: given, error } = keysShape.safeParse(parsed(text, path));
  if (given === undefined) {
    const { path: at, message } = error.issues[0]!;
    throw wrong(path, `${at.join('.')}: ${message}`);
  }
  const names = Object.keys(given).sort();
  const keys = await Promise.all(names.map((name) => keyOf(path, name, given[name]!)));
  // A point has one encoding here, by `isOfOneOwner`: equal keys have equal bytes.
  const prints = keys.map((key) => key.public.export({ type: 'spki', format: 'der' }).toString('base64'));
  const twice = prints.findIndex((print, i) => prints.indexOf(print) !== i);
  if (twice >= 0) throw wrong(path, `${names[twice]}: another name has the same public key`);
  const all = JSON.stringify(
    keys.map(({ name, may, had, until }, i) => [name, prints[i], [...may].sort(), ...(had.length > 0 ? [had, until] : [])]),
  );
  return { byName: new Map(keys.map((key) => [key.name, key])), rolesHash: createHash('sha256').update(all).digest('hex') };
}

function parsed(text: string, path: string): unknown {
  try {
    return parse(text);
  } catch {
    throw wrong(path, 'is no YAML');
  }
}

async function keyOf(path: string, name: string, given: z.output<typeof keysShape>[string]): Promise<Key> {
  const at = (file: string) => resolve(dirname(path), file);
  const pem = await ifThere(at(given.public), readFile(at(given.public)));
  if (pem === undefined) throw wrong(path, `${name}.public: there is no ${at(given.public)}`);
  const isPrivate = pem.includes('PRIVATE KEY');
  const key = isPrivate ? undefined : attempt(() => createPublicKey(pem));
  if (key?.asymmetricKeyType !== 'ed25519') throw wrong(path, `${name}.public: not an Ed25519 public key in PEM`);
  if (!isOfOneOwner(key)) throw wrong(path, `${name}.public: no private key has this public key, and others can sign for it`);
  await needClosed(at(given.public), 'public');
  const passphrase = given.passphrase_env === undefined ? undefined : process.env[given.passphrase_env];
  const file = given.private === undefined ? undefined : at(given.private);
  if (file !== undefined) await needClosed(file, 'private');
  const { may, had, until, command } = given;
  return { name, public: key, may, had, until, private: file, passphrase, command };
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

const wrong = (path: string, problem: string) =>
  new AppError('config', `${path}: ${problem}`, 'docs/audit.md#keys shows such a file.');

/**
 * Whether a public key is a multiple of the base point in its only encoding (RFC 8032, 5.1), as that of each private key is.
 * Anyone can sign for a point of small order. The owner of a key can sign for its sum with such a point, too, so they would count twice.
 */
function isOfOneOwner(key: KeyObject): boolean {
  const point = attempt(() => Point.fromBytes(Buffer.from(key.export({ format: 'jwk' }).x!, 'base64url')));
  return point !== undefined && !point.isSmallOrder() && point.isTorsionFree();
}

/** Refuses a private key that other accounts may read or write, and a public file that all may write. Files out of reach are not judged. */
async function needClosed(path: string, kind: 'public' | 'private'): Promise<void> {
  const mode =
    process.platform === 'win32'
      ? 0
      : await stat(path).then(
          (file) => file.mode & 0o777,
          () => 0,
        );
  if ((mode & (kind === 'private' ? 0o066 : 0o002)) === 0) return;
  const [who, change] = kind === 'private' ? ['read or write this private key', '600'] : ['change the keys', 'o-w'];
  throw new AppError(
    'not-permitted',
    `${path}: other accounts may ${who} (mode ${mode.toString(8)})`,
    `chmod ${change} ${path}; if another person may have used it, make a new key with a new name.`,
  );
}

/** Whether a key may sign a kind of entry now. */
export function maySign({ may }: Key, act: JournalEntry['what']): boolean {
  return may.some((role) => rolesOf[act].includes(role));
}

/** First of the roles that permit signing a kind of entry, for messages. */
export const roleFor = (act: JournalEntry['what']): Role => rolesOf[act][0]!;

/** Whether a key may sign an entry now, or had the role when the entry was written. @param line number of the entry, from 0 */
export function mightSign({ may, had, until }: Key, { entries, last }: Journal, line: number): boolean {
  const needed = rolesOf[entries[line]!.what];
  if (may.some((role) => needed.includes(role))) return true;
  if (!had.some((role) => needed.includes(role))) return false;
  // The hash of a journal line is stored in the line after it (`after`).
  return entries.slice(line).some((_, i) => until.includes(entries[line + i + 1]?.after ?? last));
}

/**
 * Key that signs a kind of entry: the key with the given name, or the only key that may sign it.
 * @throws AppError usage if several keys may sign it and none is named, not-released if the named key may not sign it
 */
export function keyFor({ byName }: Keys, act: JournalEntry['what'], name: string | undefined): Key {
  const able = [...byName.values()].filter((key) => maySign(key, act));
  const names = able.map((key) => key.name).join(', ') || 'none';
  if (name === undefined) {
    if (able.length === 1) return able[0]!;
    throw new AppError('usage', 'no key was named', `Give --as NAME. Keys that may do this: ${names}.`);
  }
  const key = byName.get(name);
  if (key === undefined)
    throw new AppError('usage', `no key \`${name}\` in the file of keys`, `Keys that may do this: ${names}.`);
  if (able.includes(key)) return key;
  throw new AppError('not-released', `key ${name} may not do this`, `Keys that may: ${names}.`);
}

/**
 * Signs a text with a key.
 * @param file PEM file of the private key. Default: the private key in the file of keys
 * @returns signature in base64
 * @throws AppError not-permitted if the private key does not exist, is open to other accounts or does not match the public key
 */
export async function signWith(key: Key, text: string, file = key.private): Promise<string> {
  const bytes = Buffer.from(text);
  const signature =
    file !== undefined || key.command === undefined ? await signByFile(key, bytes, file) : await signByCommand(key, bytes);
  if (verify(null, bytes, key.public, signature)) return signature.toString('base64');
  throw noSignature(key, 'the signature does not match its public key');
}

async function signByFile(key: Key, bytes: Buffer, file: string | undefined): Promise<Buffer> {
  if (file === undefined) throw noSignature(key, 'the file of keys has neither `private` nor `command` for it');
  const pem = await ifThere(file, readFile(file));
  if (pem === undefined) throw noSignature(key, `there is no ${file}`);
  await needClosed(file, 'private');
  const secret = attempt(() =>
    createPrivateKey({ key: pem, ...(key.passphrase !== undefined && { passphrase: key.passphrase }) }),
  );
  if (secret?.asymmetricKeyType !== 'ed25519')
    throw noSignature(key, `${file} is no Ed25519 private key in PEM, or its passphrase is wrong`);
  return sign(null, bytes, secret);
}

/** Time limit of a signing command, in milliseconds. It lets a person enter a PIN. */
const patience = 600_000;

/** Signs with the key's command. The command shares stderr with this process, so it can prompt on the terminal. */
async function signByCommand(key: Key, bytes: Buffer): Promise<Buffer> {
  const [program, ...args] = key.command!;
  const child = spawn(program!, args, { stdio: ['pipe', 'pipe', 'inherit'], timeout: patience });
  let output = Buffer.alloc(0);
  child.stdout.on('data', (piece: Buffer) => {
    output = Buffer.concat([output, piece]);
    if (output.length > 2 ** 16) child.kill(); // far more than a signature
  });
  child.stdin.on('error', () => {}); // a command that reads no input has its own exit code
  child.stdin.end(bytes);
  const failure = await new Promise<string | undefined>((done) => {
    child.on('error', ({ code, message }: NodeJS.ErrnoException) => done(code ?? message));
    child.on('close', (code, signal) => done(code === 0 ? undefined : `${signal ?? code}`));
  });
  if (failure !== undefined) throw noSignature(key, `its command failed: ${failure}`);
  return output.length === 64 ? output : Buffer.from(output.toString('latin1').trim(), 'base64');
}

function noSignature({ name }: Key, why: string): AppError {
  return new AppError('not-permitted', `no signature by key ${name}: ${why}`, 'Give --key FILE, or correct the file of keys.');
}

/** Whether the signature of an entry was made with a key; false for an entry without a signature. */
export function isSignedBy(entry: JournalEntry, key: Key): boolean {
  return (
    entry.signature !== undefined &&
    verify(null, Buffer.from(signedText(entry)), key.public, Buffer.from(entry.signature, 'base64'))
  );
}
