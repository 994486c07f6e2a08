import { generate } from 'selfsigned';

/** A private key and its certificate, PEM. The certificate is its own authority: give it to clients as `ca`. */
export interface TlsCertificate {
  readonly key: string;
  readonly cert: string;
}

/** Makes a certificate for `localhost`, 127.0.0.1 and ::1, valid for 30 days. For clients that insist on TLS. */
export async function createTlsCertificate(): Promise<TlsCertificate> {
  const day = 24 * 60 * 60 * 1000;
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - day),
    notAfterDate: new Date(Date.now() + 30 * day),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  return { key, cert };
}
