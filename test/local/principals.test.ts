import { expect, it } from 'vitest';
import { accessKeyIdFor, principalsOf, statementsOfRole } from '../../infra/local/iam/principals.ts';
import type { Resource, SynthesisedTemplate } from '../../infra/local/template/resource.ts';

function template(...resources: Resource[]): SynthesisedTemplate {
  return {
    stackName: 'Test',
    resources: (type) => resources.filter((it) => it.type === type),
    resource: (logicalId) => resources.find((it) => it.logicalId === logicalId)!,
    assetPath: () => '',
  };
}

function policyDocument(action: string) {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] };
}

const given = template(
  {
    logicalId: 'RecordVideo',
    type: 'AWS::Lambda::Function',
    properties: { Role: 'arn:aws:iam::0:role/VideoRole' },
  },
  {
    logicalId: 'TakeQuiz',
    type: 'AWS::Lambda::Function',
    properties: { Role: 'arn:aws:iam::0:role/QuizRole' },
  },
  {
    logicalId: 'VideoRole',
    type: 'AWS::IAM::Role',
    properties: { Policies: [{ PolicyName: 'Inline', PolicyDocument: policyDocument('dynamodb:GetItem') }] },
  },
  { logicalId: 'QuizRole', type: 'AWS::IAM::Role', properties: { RoleName: 'quiz' } },
  {
    logicalId: 'VideoPolicy',
    type: 'AWS::IAM::Policy',
    properties: { PolicyDocument: policyDocument('dynamodb:PutItem'), Roles: ['VideoRole'] },
  },
  {
    logicalId: 'QuizPolicy',
    type: 'AWS::IAM::Policy',
    properties: { PolicyDocument: policyDocument('dynamodb:Query'), Roles: ['quiz'] },
  },
);

it('gives every function the statements of its role, inline and attached, and no others', () => {
  const principals = principalsOf(given);
  const video = principals.get(accessKeyIdFor('RecordVideo'));
  expect(video).toMatchObject({ functionName: 'RecordVideo', roleName: 'VideoRole' });
  expect(video?.statements.map((it) => it.Action)).toEqual([['dynamodb:GetItem'], ['dynamodb:PutItem']]);
  expect(principals.get(accessKeyIdFor('TakeQuiz'))?.roleName).toBe('quiz');
  expect(statementsOfRole(given, 'arn:aws:iam::0:role/QuizRole').map((it) => it.Action)).toEqual([
    ['dynamodb:Query'],
  ]);
});

it('refuses a role the template does not have', () => {
  expect(() => statementsOfRole(given, 'arn:aws:iam::0:role/Nobody')).toThrow(/no role/);
});

it('gives each function an access key of its own, the same in every run', () => {
  expect(accessKeyIdFor('RecordVideo')).toBe(accessKeyIdFor('RecordVideo'));
  expect(accessKeyIdFor('RecordVideo')).toMatch(/^ASIA[A-Z2-7]{16}$/);
  expect(accessKeyIdFor('RecordVideo')).not.toBe(accessKeyIdFor('RecordVideo2'));
});
