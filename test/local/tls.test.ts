import { createServer, get } from 'node:https';
import { describe, expect, it } from 'vitest';
import { createTlsCertificate } from '../../infra/local/tls.ts';

describe('the certificate', () => {
  it.each(['127.0.0.1', 'localhost'])(
    'is trusted for %s by a client that takes it as an authority',
    async (host) => {
      const certificate = await createTlsCertificate();
      const server = createServer(certificate, (_req, res) => res.end('safe'));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('No port');
      try {
        const text = await new Promise<string>((resolve, reject) => {
          const options = { host, port: address.port, family: 4, ca: certificate.cert, agent: false };
          get(options, (res) => res.setEncoding('utf8').on('data', resolve)).on('error', reject);
        });
        expect(text).toBe('safe');
      } finally {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  );
});
