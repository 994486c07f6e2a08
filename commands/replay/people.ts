import { createApiClient, type ApiClient } from '../../shared/client/api.ts';
import type { School } from '../school.ts';

/** The admin who sets up what is replayed and reads the figures. */
export async function adminOf(school: School): Promise<ApiClient> {
  return createApiClient({ url: school.url, token: await school.token('replay-admin', ['admin']) });
}

export async function studentOf(school: School, userId: string): Promise<ApiClient> {
  return createApiClient({ url: school.url, token: await school.token(userId) });
}
