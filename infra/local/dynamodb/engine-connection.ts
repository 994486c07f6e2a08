import { Agent, request as httpRequest } from 'node:http';
import { ENGINE_ACCESS } from './engine.ts';

export interface EngineReply {
  readonly status: number;
  readonly contentType: string;
  readonly requestId: string | undefined;
  readonly body: Buffer;
}

/** Connections to an engine that stay open between requests. */
export interface EngineConnection {
  /** Rejects when the connection broke: the request may or may not have been carried out. */
  send(target: string, body: string): Promise<EngineReply>;
  close(): void;
}

const { accessKeyId } = ENGINE_ACCESS.credentials;

// Engines check no signature. They all see one key, as DynamoDB Local may keep separate tables for each.
const AUTHORIZATION =
  `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20250101/${ENGINE_ACCESS.region}/dynamodb/aws4_request, ` +
  'SignedHeaders=host;x-amz-date;x-amz-target, Signature=0';

export function connectToEngine(endpoint: string): EngineConnection {
  const url = new URL(endpoint);
  const agent = new Agent({ keepAlive: true, maxSockets: 128, scheduling: 'lifo' });
  return {
    send: (target, body) =>
      new Promise((resolve, reject) => {
        const request = httpRequest(
          {
            agent,
            host: url.hostname,
            port: url.port === '' ? 80 : Number(url.port),
            method: 'POST',
            path: '/',
            headers: {
              'content-type': 'application/x-amz-json-1.0',
              'content-length': Buffer.byteLength(body),
              'x-amz-target': target,
              'x-amz-date': '20250101T000000Z',
              authorization: AUTHORIZATION,
            },
          },
          (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('error', reject);
            response.on('end', () => {
              const requestId = response.headers['x-amzn-requestid'];
              resolve({
                status: response.statusCode ?? 500,
                contentType: response.headers['content-type'] ?? 'application/x-amz-json-1.0',
                requestId: Array.isArray(requestId) ? requestId[0] : requestId,
                body: chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks),
              });
            });
          },
        );
        request.on('error', reject);
        request.end(body);
      }),
    close: () => agent.destroy(),
  };
}
