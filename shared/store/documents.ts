import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** The client that everything in the store takes. */
export type Documents = DynamoDBDocumentClient;

/**
 * A client for DynamoDB. Region and endpoint come from the environment as the SDK reads them
 * (AWS_REGION, AWS_ENDPOINT_URL_DYNAMODB), credentials as Lambda gives them; `overrides` are for tests.
 */
export function createDocuments(overrides: DynamoDBClientConfig = {}): Documents {
  const client = new DynamoDBClient({
    credentials: environmentCredentials,
    // A resent conditional write is harmless (it fails on its own effect and is decided again); a long wait is not.
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
    ...overrides,
  });
  return DynamoDBDocumentClient.from(client, {
    marshallOptions: {
      removeUndefinedValues: true,
      // A map with an id `constructor` for a key looks to the marshaller like an instance of some class.
      convertClassInstanceToMap: true,
    },
  });
}

/** Lambda keeps them in the environment; the SDK's chain of other places is dead weight in a bundle. */
async function environmentCredentials() {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  if (AWS_ACCESS_KEY_ID === undefined || AWS_SECRET_ACCESS_KEY === undefined) {
    throw new Error('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are missing');
  }
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN !== undefined && { sessionToken: AWS_SESSION_TOKEN }),
  };
}
