import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto as Crypto);
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const day = 86_400_000;

/** A certificate with its key, as PEM. */
interface Identity {
  cert: string;
  key: string;
}

/** An authority of the test's own, trusted by no other. */
export interface Authority {
  /** Its own certificate, as PEM: what a client must know to believe it. */
  ca: string;
  /** Signs for a host name or address, from yesterday on for so many days. */
  sign(host: string, days?: number): Promise<Identity>;
}

export async function makeAuthority(): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const common = { notBefore: new Date(Date.now() - 30 * day), signingAlgorithm: algorithm };
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...common,
    serialNumber: '01',
    name: 'CN=Test authority',
    notAfter: new Date(Date.now() + 30 * day),
    keys: keys as CryptoKeyPair,
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  });
  const sign = async (host: string, days = 10): Promise<Identity> => {
    const own = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const isAddress = /^[\d.]+$/.test(host);
    const cert = await x509.X509CertificateGenerator.create({
      ...common,
      serialNumber: '02',
      subject: 'CN=a server',
      issuer: root.subject,
      notBefore: new Date(Date.now() - 20 * day),
      notAfter: new Date(Date.now() + days * day),
      publicKey: own.publicKey as CryptoKey,
      signingKey: keys.privateKey as CryptoKey,
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: isAddress ? 'ip' : 'dns', value: host }])],
    });
    const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', own.privateKey)).toString('base64');
    return { cert: cert.toString('pem'), key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n` };
  };
  return { ca: root.toString('pem'), sign };
}
