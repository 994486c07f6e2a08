import { describe, expect, it } from 'vitest';
import { evaluate, isAllowed, PolicyDocument } from '../../infra/local/iam/iam-policy.ts';
import type { AccessRequest, Statement } from '../../infra/local/iam/iam-policy.ts';

const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/enrollments';

function statements(...list: unknown[]): Statement[] {
  return PolicyDocument.parse({ Statement: list }).Statement;
}

function ask(given: Partial<AccessRequest> = {}): AccessRequest {
  return { action: 'dynamodb:PutItem', resource: TABLE, context: {}, ...given };
}

const allowAll = { Effect: 'Allow', Action: '*', Resource: '*' };

describe('statements', () => {
  it('allow nothing when there are none', () => {
    expect(isAllowed([], ask())).toBe(false);
  });

  it('allow the actions and resources they name, and no others', () => {
    const given = statements({ Effect: 'Allow', Action: ['dynamodb:PutItem'], Resource: TABLE });
    expect(isAllowed(given, ask())).toBe(true);
    expect(isAllowed(given, ask({ action: 'dynamodb:DeleteItem' }))).toBe(false);
    expect(isAllowed(given, ask({ resource: `${TABLE}/index/byCourse` }))).toBe(false);
  });

  it('match actions whatever their case, resources only as written', () => {
    const given = statements({ Effect: 'Allow', Action: 'DynamoDB:putitem', Resource: TABLE });
    expect(isAllowed(given, ask())).toBe(true);
    expect(isAllowed(given, ask({ resource: TABLE.replace('enrollments', 'Enrollments') }))).toBe(false);
  });

  it.each([
    ['dynamodb:*', `${TABLE}/index/*`, `${TABLE}/index/byCourse`, true],
    ['dynamodb:Put*', '*', TABLE, true],
    ['dynamodb:P?tItem', 'arn:aws:dynamodb:*:*:table/enroll*', TABLE, true],
    ['dynamodb:Get*', '*', TABLE, false],
    ['dynamodb:*', 'arn:aws:dynamodb:*:*:table/enroll', TABLE, false],
    ['dynamodb:*', 'arn:aws:dynamodb:us.east.1:000000000000:table/enrollments', TABLE, false],
  ])('match %s on %s against %s: %s', (Action, Resource, resource, expected) => {
    expect(isAllowed(statements({ Effect: 'Allow', Action, Resource }), ask({ resource }))).toBe(expected);
  });

  it('cover with NotAction and NotResource all that is not named', () => {
    const given = statements({ Effect: 'Allow', NotAction: 'dynamodb:Delete*', NotResource: `${TABLE}x` });
    expect(isAllowed(given, ask())).toBe(true);
    expect(isAllowed(given, ask({ action: 'dynamodb:DeleteItem' }))).toBe(false);
    expect(isAllowed(given, ask({ resource: `${TABLE}x` }))).toBe(false);
  });

  it('deny over any allow, in whatever order', () => {
    const deny = { Effect: 'Deny', Action: 'dynamodb:PutItem', Resource: '*' };
    for (const given of [statements(allowAll, deny), statements(deny, allowAll)]) {
      expect(evaluate(given, ask()).verdict).toBe('denied-by-statement');
      expect(isAllowed(given, ask({ action: 'dynamodb:GetItem' }))).toBe(true);
    }
  });

  it('must have an action and a resource', () => {
    expect(() => statements({ Effect: 'Allow', Resource: '*' })).toThrow();
    expect(() => statements({ Effect: 'Allow', Action: '*' })).toThrow();
    expect(() => statements({ ...allowAll, Principal: '*' })).toThrow();
  });
});

describe('conditions', () => {
  const inTransaction = { 'dynamodb:EnclosingOperation': ['TransactWriteItems'] };

  function allowedIf(condition: unknown, context: AccessRequest['context']): boolean {
    return isAllowed(statements({ ...allowAll, Condition: condition }), ask({ context }));
  }

  it('can require a transaction', () => {
    const condition = { StringEquals: { 'dynamodb:EnclosingOperation': 'TransactWriteItems' } };
    expect(allowedIf(condition, inTransaction)).toBe(true);
    expect(allowedIf(condition, {})).toBe(false);
    const any = { 'ForAnyValue:StringEquals': condition.StringEquals };
    expect(allowedIf(any, inTransaction)).toBe(true);
    expect(allowedIf(any, {})).toBe(false);
  });

  it('can deny what is outside a transaction', () => {
    const deny = {
      Effect: 'Deny',
      Action: '*',
      Resource: '*',
      Condition: { StringNotEquals: { 'dynamodb:EnclosingOperation': 'TransactWriteItems' } },
    };
    expect(isAllowed(statements(allowAll, deny), ask({ context: inTransaction }))).toBe(true);
    expect(isAllowed(statements(allowAll, deny), ask())).toBe(false);
  });

  const keys = (...values: string[]) => ({ 'dynamodb:LeadingKeys': values });
  it.each([
    ['ForAllValues:StringEquals', ['a', 'b'], keys('a', 'b'), true],
    ['ForAllValues:StringEquals', ['a'], keys('a', 'b'), false],
    ['ForAllValues:StringEquals', ['a'], {}, true],
    ['ForAnyValue:StringEquals', ['a'], keys('a', 'b'), true],
    ['ForAnyValue:StringEquals', ['c'], keys('a', 'b'), false],
    ['ForAllValues:StringLike', ['user-*'], keys('user-1', 'user-2'), true],
    ['ForAllValues:StringLike', ['user-*'], keys('user-1', 'admin'), false],
    ['StringEqualsIfExists', ['a'], {}, true],
    ['StringEqualsIfExists', ['a'], keys('b'), false],
    ['StringNotEquals', ['a'], {}, true],
    ['StringNotEquals', ['a', 'b'], keys('b'), false],
    ['StringNotLike', ['user-*'], keys('admin'), true],
    ['ForAnyValue:StringNotEquals', ['a'], {}, false],
    ['StringEqualsIgnoreCase', ['A'], keys('a'), true],
    ['Bool', ['true'], keys('true'), true],
    ['Null', ['true'], {}, true],
    ['Null', ['true'], keys('a'), false],
    ['Null', ['false'], keys('a'), true],
    ['Null', ['false'], {}, false],
  ])('%s %j holds for %j: %s', (operator, expected, context, result) => {
    expect(allowedIf({ [operator]: { 'dynamodb:LeadingKeys': expected } }, context)).toBe(result);
  });

  it('must all hold', () => {
    const condition = {
      StringEquals: { 'dynamodb:LeadingKeys': 'a', 'dynamodb:Select': 'COUNT' },
      Null: { 'dynamodb:EnclosingOperation': true },
    };
    const context = { ...keys('a'), 'dynamodb:Select': ['COUNT'] };
    expect(allowedIf(condition, context)).toBe(true);
    expect(allowedIf(condition, { ...context, 'dynamodb:Select': ['ALL_ATTRIBUTES'] })).toBe(false);
    expect(allowedIf(condition, { ...context, ...inTransaction })).toBe(false);
  });

  it('find a key whatever its case', () => {
    expect(allowedIf({ StringEquals: { 'DynamoDB:leadingkeys': 'a' } }, keys('a'))).toBe(true);
  });

  it.each([
    [{ DateLessThan: { 'aws:CurrentTime': '2030-01-01' } }, 'condition operator DateLessThan'],
    [{ StringEquals: { 'aws:SourceVpc': 'vpc-1' } }, 'condition key aws:SourceVpc'],
    [{ StringLike: { 'dynamodb:LeadingKeys': '${aws:userid}' } }, 'policy variable in dynamodb:LeadingKeys'],
    [{ 'ForAllValues:Null': { 'dynamodb:LeadingKeys': 'true' } }, 'condition operator ForAllValues:Null'],
  ])('that are not supported fail closed: %j', (condition, named) => {
    const allow = evaluate(statements({ ...allowAll, Condition: condition }), ask());
    expect(allow).toEqual({ verdict: 'not-allowed', unsupported: [named] });
    const deny = evaluate(statements(allowAll, { ...allowAll, Effect: 'Deny', Condition: condition }), ask());
    expect(deny).toEqual({ verdict: 'denied-by-statement', unsupported: [named] });
  });

  it('that are not supported do not matter where another one is false', () => {
    const condition = { Bool: { 'aws:SecureTransport': 'false' }, Null: { 'dynamodb:Select': 'false' } };
    const given = statements(allowAll, { ...allowAll, Effect: 'Deny', Condition: condition });
    expect(evaluate(given, ask())).toEqual({ verdict: 'allowed', unsupported: [] });
  });

  it('know the keys a caller gives, such as those of another service', () => {
    expect(
      allowedIf({ StringEquals: { 'appsync:field': 'publish' } }, { 'appsync:field': ['publish'] }),
    ).toBe(true);
  });
});
