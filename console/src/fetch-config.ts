import { type Config, readConfig } from './config.ts';
import { fetchSchool } from './unreachable.ts';

/** Fetches the file beside the page. @throws Error that says what is wrong */
export async function fetchConfig(page: string): Promise<Config> {
  const response = await fetchSchool(new URL('config.json', page), { cache: 'no-store' });
  if (!response.ok) throw new Error(`config.json was answered with ${response.status}`);
  return readConfig(await response.json(), page);
}
