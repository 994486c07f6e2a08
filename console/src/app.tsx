import { Alert, Center, Loader } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Config } from './config.ts';
import { fetchConfig } from './fetch-config.ts';
import { messageOf } from './message-of.ts';
import { SignedInLocally } from './signed-in-locally.tsx';
import { SignedInByOidc } from './signed-in-by-oidc.tsx';

/** Finds out where the school is, lets people sign in, and shows the console. */
export function App() {
  const [config, setConfig] = useState<Config>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    fetchConfig(document.baseURI).then(setConfig, (error: unknown) => setProblem(messageOf(error)));
  }, []);
  if (problem !== undefined) {
    return (
      <Alert m="lg" color="red" title="The console cannot start" role="alert">
        {problem}
      </Alert>
    );
  }
  if (config === undefined) {
    return (
      <Center h="100vh">
        <Loader aria-label="Loading the console" />
      </Center>
    );
  }
  const { signIn } = config;
  return signIn.kind === 'local' ? (
    <SignedInLocally config={config} url={signIn.url} />
  ) : (
    <SignedInByOidc config={config} authority={signIn.authority} clientId={signIn.clientId} />
  );
}
