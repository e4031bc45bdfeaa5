import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Roles of the keys that tests sign with. */
export const keyRoles = {
  batch: ['run'],
  anna: ['approve'],
  ben: ['approve'],
  chris: ['run', 'approve'],
  dora: ['resume'],
} as const;

/** Writes a key pair for each name, and keys.yaml. @param more lines of keys.yaml */
export function writeKeys(folder: string, more = ''): void {
  const lines = Object.entries(keyRoles).map(([name, may]) => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(join(folder, `${name}.pub.pem`), publicKey.export({ type: 'spki', format: 'pem' }));
    writeFileSync(join(folder, `${name}.pem`), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    return `${name}: { public: ${name}.pub.pem, private: ${name}.pem, may: [${may.join(', ')}] }\n`;
  });
  writeFileSync(join(folder, 'keys.yaml'), lines.join('') + more);
}
