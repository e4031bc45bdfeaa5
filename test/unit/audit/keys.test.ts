// The encodings are those of RFC 8032's curve, computed apart from the code under test: each is shown to be signed for without its private key.
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { required } from '@basketwise/core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readKeys, signWith } from '../../../packages/audit/src/release/keys.ts';
import { writeKeys } from '../../e2e/pipeline/release-keys.ts';

const folder = mkdtempSync(join(tmpdir(), 'basketwise-keys-'));
const at = (name: string) => join(folder, name);
let text: string;
beforeAll(() => {
  writeKeys(folder);
  text = readFileSync(at('keys.yaml'), 'utf8');
});
beforeEach(() => writeFileSync(at('keys.yaml'), text));
afterAll(() => rmSync(folder, { recursive: true }));

const read = () => readKeys(at('keys.yaml'));
const der = (kind: 'public' | 'private', hex: string) =>
  Buffer.from(`${kind === 'public' ? '302a300506032b6570032100' : '302e020100300506032b657004220420'}${hex}`, 'hex');
const publicKey = (hex: string) => createPublicKey({ key: der('public', hex), format: 'der', type: 'spki' });
/** Adds a public key, given by its 32 bytes, to the file of keys. */
function add(name: string, hex: string): void {
  writeFileSync(at(`${name}.pub.pem`), publicKey(hex).export({ type: 'spki', format: 'pem' }));
  writeFileSync(
    at('keys.yaml'),
    `${readFileSync(at('keys.yaml'), 'utf8')}${name}: { public: ${name}.pub.pem, may: [approve] }\n`,
  );
}

/** All encodings of the eight points of small order: the tails are those of the field's prime, and the sign of x. */
const [f, order8] = [
  'f'.repeat(60),
  [
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03',
  ],
];
const smallOrder = [
  ...['00', '80'].flatMap((end) => [`00${'0'.repeat(60)}${end}`, `01${'0'.repeat(60)}${end}`]),
  ...['7f', 'ff'].flatMap((end) => ['ec', 'ed', 'ee'].map((start) => `${start}${f}${end}`)),
  ...[`${order8[0]!}05`, `${order8[0]!}85`, `${order8[1]!}7a`, `${order8[1]!}fa`],
];

/** A signature by no key: the point R is the neutral one, S is 0, and a text that fits is found by trying. */
const forged = Buffer.from(`01${'0'.repeat(126)}`, 'hex');

test.each(smallOrder)('a key of small order, which anyone can sign for, is refused: %s', async (hex) => {
  const canForge = Array.from({ length: 100 }, (_, i) => verify(null, Buffer.from(`text ${i}`), publicKey(hex), forged));
  expect(canForge).toContain(true);
  add('eve', hex);
  await expect(read()).rejects.toMatchObject({ code: 'config', message: expect.stringContaining('eve.public: ') });
});

test('a key plus a point of small order, which its owner signs for under a second name, is refused', async () => {
  const secret = createPrivateKey({
    key: der('private', Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString('hex')),
    format: 'der',
    type: 'pkcs8',
  });
  const first = createPublicKey(secret).export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex');
  expect(first).toBe('03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8');
  const second = '8b2a59ac4324b312dd8d7e5480f0d2e11412b04eeb4e515268a730a951142b6c';
  const signature =
    'fc35db2289a8fbb07963c5a815a62cfea3a3a73e3104ee9cbaf19dbbc5dad074d3481d132ad1a549b0ed9dd61cea8cf22dc1ab6a7b8c0bad4acd66e5ba80dd00';
  const signed = Buffer.from('signed 0');
  expect(verify(null, signed, publicKey(first), sign(null, signed, secret))).toBe(true);
  expect(verify(null, signed, publicKey(second), Buffer.from(signature, 'hex'))).toBe(true);
  add('eve', first);
  expect((await read()).byName.has('eve')).toBe(true);
  add('mallory', second);
  await expect(read()).rejects.toThrow('mallory.public: ');
});

test('an encoding that is none of a point, or a second one of a point, is refused; one key under two names, too', async () => {
  add('eve', `f0${f}7f`); // the y of `03`, plus the prime
  await expect(read()).rejects.toThrow('eve.public: ');
  writeFileSync(at('keys.yaml'), text);
  add('eve', `02${'0'.repeat(62)}`); // no point has this y
  await expect(read()).rejects.toThrow('eve.public: ');
  writeFileSync(at('keys.yaml'), `${text}eve: { public: anna.pub.pem, may: [approve] }\n`);
  await expect(read()).rejects.toThrow('another name has the same public key');
});

test.skipIf(process.platform === 'win32')(
  'a private key that others may read or write, and a file of keys that all may write, are refused',
  async () => {
    for (const mode of [0o666, 0o640, 0o604, 0o620]) {
      chmodSync(at('anna.pem'), mode);
      const refusal = {
        code: 'not-permitted',
        message: expect.stringContaining('anna.pem'),
        hint: expect.stringContaining(`chmod 600 ${at('anna.pem')}`),
      };
      await expect(read()).rejects.toMatchObject(refusal);
      chmodSync(at('anna.pem'), 0o600);
      const anna = required((await read()).byName, 'anna');
      chmodSync(at('ben.pem'), mode);
      await expect(signWith(anna, 'x', at('ben.pem'))).rejects.toMatchObject({
        hint: expect.stringContaining(`chmod 600 ${at('ben.pem')}`),
      });
      chmodSync(at('ben.pem'), 0o400);
      await read();
    }
    for (const name of ['keys.yaml', 'anna.pub.pem']) {
      chmodSync(at(name), 0o666);
      await expect(read()).rejects.toMatchObject({ hint: expect.stringContaining(`chmod o-w ${at(name)}`) });
      chmodSync(at(name), 0o644);
    }
  },
);
