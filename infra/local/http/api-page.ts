import { createRequire } from 'node:module';
import path from 'node:path';
import type { StaticFiles } from './static-files.ts';

/** Swagger's page of `/openapi.json`, at `/docs/`: a token is pasted under Authorize, and calls go to this machine. */
export function apiPage(): StaticFiles {
  const folder = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  return { prefix: '/docs', folder, given: { 'swagger-initializer.js': INITIALIZER } };
}

// The pool's own scheme is left out: there is nowhere to sign in on this machine, so its form would lead nowhere.
const INITIALIZER = `window.onload = async () => {
  const spec = await (await fetch('/openapi.json')).json();
  delete spec.components.securitySchemes.userPool;
  window.ui = SwaggerUIBundle({
    spec,
    dom_id: '#swagger-ui',
    deepLinking: true,
    persistAuthorization: true,
    displayRequestDuration: true,
    defaultModelsExpandDepth: 0,
    filter: true,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
};
`;
