import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App } from 'aws-cdk-lib/core';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { Context, type ContextInput } from '../../infra/context.ts';
import { readTemplate } from '../../infra/local/template/template.ts';
import { synthesise } from '../../infra/synthesise.ts';
import { ConsoleStack } from '../../infra/stacks/console-stack.ts';
import { LockstepStack } from '../../infra/stacks/lockstep-stack.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-console-stack-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pages = path.join(folder, 'pages');
mkdirSync(path.join(pages, 'assets'), { recursive: true });
for (const name of ['index.html', 'not-found.html', 'assets/index-abc.js']) {
  writeFileSync(path.join(pages, name), name);
}

function synthesised(name: string, context: ContextInput) {
  const outdir = path.join(folder, name);
  const app = new App({
    outdir,
    analyticsReporting: false,
    stackTraces: false,
    builtinCloudFormationValidation: false,
  });
  const settings = Context.parse(context);
  const bundles = path.join(inject('assembly'), '..', 'dist');
  const lockstep = new LockstepStack(app, { ...settings, bundles });
  const stack = new ConsoleStack(app, { ...settings, lockstep, pages });
  app.synth();
  const system = Template.fromStack(lockstep);
  const parts = Template.fromStack(stack);
  const one = (template: Template, type: string): any =>
    Object.values(template.findResources(type)).map(({ Properties }) => Properties)[0];
  return {
    outdir,
    stack,
    parts,
    client: one(system, 'AWS::Cognito::UserPoolClient'),
    of: (type: string) => one(parts, type),
  };
}

/** A text with what is only known on AWS in brackets. */
function read(value: any): string {
  if (typeof value === 'string') return value;
  if (value['Fn::Join'] !== undefined) return value['Fn::Join'][1].map(read).join('');
  return `[${value.Ref ?? value['Fn::ImportValue'] ?? value['Fn::GetAtt']?.join('.')}]`;
}

describe('the console on AWS', () => {
  const { outdir, parts, client, of } = synthesised('any', {});

  it('lies in a bucket that nobody can open, and that is not spoken to without TLS', () => {
    expect(Object.values(of('AWS::S3::Bucket').PublicAccessBlockConfiguration)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(of('AWS::S3::Bucket').BucketEncryption).toBeDefined();
    const statements: any[] = of('AWS::S3::BucketPolicy').PolicyDocument.Statement;
    expect(statements).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
    const strangers = statements.filter(
      ({ Effect, Principal }) => Effect === 'Allow' && Principal.AWS === '*',
    );
    expect(strangers).toEqual([]);
  });

  it('is read from there by its distribution alone', () => {
    const statements: any[] = of('AWS::S3::BucketPolicy').PolicyDocument.Statement;
    const readers = statements.filter(({ Action }) => JSON.stringify(Action).includes('s3:GetObject'));
    expect(readers.map(({ Principal }) => Principal)).toContainEqual({ Service: 'cloudfront.amazonaws.com' });
    for (const { Principal, Condition } of readers.filter(
      ({ Principal }) => Principal.Service !== undefined,
    )) {
      expect(Principal.Service).toBe('cloudfront.amazonaws.com');
      expect(read(Condition.StringEquals['AWS:SourceArn'])).toContain(':distribution/[Distribution');
    }
    const [origin] = of('AWS::CloudFront::Distribution').DistributionConfig.Origins;
    expect(read(origin.OriginAccessControlId)).toContain('OriginAccessControl');
  });

  it('is sent by HTTPS alone, over the newest protocols, and compressed', () => {
    const { DistributionConfig: config } = of('AWS::CloudFront::Distribution');
    expect(config).toMatchObject({
      HttpVersion: 'http2and3',
      DefaultRootObject: 'index.html',
      DefaultCacheBehavior: { ViewerProtocolPolicy: 'redirect-to-https', Compress: true },
    });
    expect(
      config.CustomErrorResponses.map((it: any) => [it.ErrorCode, it.ResponseCode, it.ResponsePagePath]),
    ).toEqual([
      [403, 404, '/not-found.html'],
      [404, 404, '/not-found.html'],
    ]);
  });

  it('tells the browser what it may do', () => {
    const { SecurityHeadersConfig: headers } = of(
      'AWS::CloudFront::ResponseHeadersPolicy',
    ).ResponseHeadersPolicyConfig;
    expect(headers).toMatchObject({
      ContentTypeOptions: { Override: true },
      FrameOptions: { FrameOption: 'DENY' },
      ReferrerPolicy: { ReferrerPolicy: 'no-referrer' },
      StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000, IncludeSubdomains: true },
    });
    const policy = read(headers.ContentSecurityPolicy.ContentSecurityPolicy);
    expect(policy).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    const connect = /connect-src ([^;]*)/.exec(policy)?.[1] ?? '';
    for (const place of ['ApiEndpoint', 'GraphQLUrl', 'RealtimeUrl', 'ProviderURL', '.amazoncognito.com']) {
      expect(connect).toContain(place);
    }
    expect(connect).not.toContain('*');
  });

  it('is told where the school is by the same file as on one machine', () => {
    const sources = Object.values(parts.findResources('Custom::CDKBucketDeployment')).flatMap(
      ({ Properties }) => Properties.SourceMarkers ?? [],
    );
    const values = sources.flatMap((markers: any) => Object.values(markers)).map(read);
    for (const value of ['ApiEndpoint', 'GraphQLUrl', 'ProviderURL', 'UserPoolPages']) {
      expect(
        values.some((each) => each.includes(value)),
        value,
      ).toBe(true);
    }
  });

  it('lets people sign in with the pool of the school', () => {
    expect(read(of('AWS::Cognito::UserPoolDomain').Domain)).toBe('lockstep-school-[AWS::AccountId]');
    expect(of('AWS::Cognito::UserPoolDomain').ManagedLoginVersion).toBe(2);
    expect(of('AWS::Cognito::ManagedLoginBranding').UseCognitoProvidedValues).toBe(true);
    expect(client).toMatchObject({
      GenerateSecret: false,
      AllowedOAuthFlows: ['code'],
      AllowedOAuthScopes: ['openid'],
      CallbackURLs: ['http://localhost:5173/'],
    });
  });

  it('leads people who signed in back to the web origins, and names a stage', () => {
    const stage = synthesised('stage', {
      stage: 'dev',
      webOrigins: 'https://console.school.example,https://other.example/',
    });
    expect(stage.client.CallbackURLs).toEqual(['https://console.school.example/', 'https://other.example/']);
    expect(stage.stack.stackName).toBe('Lockstep-dev-Console');
    expect(read(stage.of('AWS::Cognito::UserPoolDomain').Domain)).toBe(
      'lockstep-dev-school-[AWS::AccountId]',
    );
  });

  it('is left out, and why is said, where another issuer signs the tokens: it could never be live', async () => {
    const said: string[] = [];
    const assembly = await synthesise({
      outdir: path.join(folder, 'issuer'),
      dist: path.join(folder, 'issuer-dist'),
      context: { issuer: 'https://login.example.org', audience: 'a' },
      console: true,
      onNotice: (sentence) => said.push(sentence),
    });
    const templates = readdirSync(assembly).filter((name) => name.endsWith('.template.json'));
    expect(templates).toEqual(['Lockstep.template.json']);
    expect(said).toEqual([expect.stringContaining('The console is left out')]);
  });

  it('does not keep the assembly from running on one machine', () => {
    expect(readTemplate({ assembly: outdir }).stackName).toBe('Lockstep');
  });
});
