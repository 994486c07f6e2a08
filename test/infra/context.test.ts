import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App } from 'aws-cdk-lib/core';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { bundle } from '../../infra/bundle.ts';
import { Context, type ContextInput } from '../../infra/context.ts';
import { readTemplate } from '../../infra/local/template/template.ts';
import { LockstepStack } from '../../infra/stacks/lockstep-stack.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-context-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function synthesised(name: string, context: ContextInput) {
  const app = new App({
    outdir: path.join(folder, name),
    analyticsReporting: false,
    stackTraces: false,
    builtinCloudFormationValidation: false,
  });
  new LockstepStack(app, {
    ...Context.parse(context),
    bundles: path.join(inject('assembly'), '..', 'dist'),
  });
  return readTemplate({ assembly: app.synth().directory });
}

describe('the context', () => {
  it('puts a stage before every name, so that two fit in one account', () => {
    const template = synthesised('stage', { stage: 'dev', analyticsShards: 2 });
    expect(template.stackName).toBe('Lockstep-dev');
    const named = ['AWS::DynamoDB::Table', 'AWS::Lambda::Function'].flatMap((type) =>
      template.resources(type),
    );
    const names = named.map(({ properties }) => properties['TableName'] ?? properties['FunctionName']);
    expect(names.filter((name) => !/^(lockstep-)?dev-/.test(String(name)))).toEqual([]);
    const dashboard = template
      .resources('AWS::Lambda::Function')
      .find(({ properties }) => properties['FunctionName'] === 'lockstep-dev-get-admin-dashboard');
    expect(dashboard?.properties['Environment']).toMatchObject({
      Variables: { TABLE_ANALYTICS: 'dev-analytics', ANALYTICS_SHARDS: '2' },
    });
  });

  it('lets another issuer sign the tokens of the HTTP API', () => {
    const template = synthesised('issuer', { issuer: 'https://login.example.org', audience: 'a,b' });
    expect(template.resources('AWS::ApiGatewayV2::Authorizer')[0]?.properties['JwtConfiguration']).toEqual({
      Issuer: 'https://login.example.org',
      Audience: ['a', 'b'],
    });
  });

  it('sends the alarms to an address', () => {
    const subscriptions = synthesised('email', { alarmEmail: 'ops@school.example' }).resources(
      'AWS::SNS::Subscription',
    );
    expect(subscriptions.map(({ properties }) => [properties['Protocol'], properties['Endpoint']])).toEqual([
      ['email', 'ops@school.example'],
    ]);
    expect(synthesised('nobody', {}).resources('AWS::SNS::Subscription')).toEqual([]);
  });

  it.each([
    [{ issuer: 'https://login.example.org' }, 'given together'],
    [{ stage: 'Dev!' }, 'stage'],
    [{ analyticsShards: 0 }, 'analyticsShards'],
    [{ issuer: 'login', audience: 'a' }, 'issuer'],
    [{ alarmEmail: 'ops' }, 'alarmEmail'],
    [{ stagee: 'dev' }, 'stagee'],
  ])('refuses %j', (context, complaint) => {
    const { error } = Context.safeParse(context);
    expect(error?.message).toContain(complaint);
  });
});

describe('the bundler', () => {
  it('names every source that is missing', async () => {
    const root = path.join(folder, 'empty');
    await expect(bundle({ root, dist: path.join(folder, 'dist') })).rejects.toThrow(
      /No source for: functions\/http\/describe-api\.lambda\.ts, .*functions\/graphql\/schema-version\.ts/,
    );
  });
});
