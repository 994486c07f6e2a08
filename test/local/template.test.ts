import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readTemplate, resolveTemplate } from '../../infra/local/template/template.ts';

const table = { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'courses', StreamSpecification: {} } };

/** What a value becomes in a property of a resource of this template. */
function resolved(
  value: unknown,
  rest: { Resources?: object; [section: string]: unknown } = {},
  values = {},
) {
  const { Resources, ...sections } = rest;
  const probe = { Type: 'AWS::SNS::Topic', Properties: { Value: value } };
  const template = { ...sections, Resources: { Table: table, ...Resources, Probe: probe } };
  return resolveTemplate(template, values).get('Probe')?.properties['Value'];
}

describe('a resolved template', () => {
  it.each<[string, unknown, unknown]>([
    ['Ref', { Ref: 'Table' }, 'courses'],
    ['a pseudo parameter', { Ref: 'AWS::Region' }, 'us-east-1'],
    ['GetAtt', { 'Fn::GetAtt': ['Table', 'Arn'] }, 'arn:aws:dynamodb:us-east-1:000000000000:table/courses'],
    [
      'GetAtt with a dot',
      { 'Fn::GetAtt': 'Table.StreamArn' },
      'arn:aws:dynamodb:us-east-1:000000000000:table/courses/stream/local',
    ],
    ['Join', { 'Fn::Join': ['/', ['a', { Ref: 'Table' }, 1]] }, 'a/courses/1'],
    ['Split', { 'Fn::Split': ['-', 'a-b'] }, ['a', 'b']],
    ['Select', { 'Fn::Select': ['1', { 'Fn::Split': ['-', 'a-b'] }] }, 'b'],
    [
      'Sub',
      { 'Fn::Sub': '${Table}:${Table.Arn}:${AWS::AccountId}:${!Literal}' },
      'courses:arn:aws:dynamodb:us-east-1:000000000000:table/courses:000000000000:${Literal}',
    ],
    ['Sub with variables', { 'Fn::Sub': ['${A}-${Table}', { A: { Ref: 'AWS::Partition' } }] }, 'aws-courses'],
    [
      'a list',
      [{ Ref: 'Table' }, { deep: [{ Ref: 'AWS::URLSuffix' }] }],
      ['courses', { deep: ['amazonaws.com'] }],
    ],
    [
      "a policy's Condition as it is",
      { Condition: { StringEquals: { a: 'b' } } },
      { Condition: { StringEquals: { a: 'b' } } },
    ],
  ])('has %s worked out', (_, value, expected) => {
    expect(resolved(value)).toEqual(expected);
  });

  it('leaves out what is AWS::NoValue', () => {
    const nothing = { Ref: 'AWS::NoValue' };
    expect(resolved({ gone: nothing, kept: 1, list: [nothing, 2] })).toEqual({ kept: 1, list: [2] });
  });

  it('follows conditions, and has no resource whose condition does not hold', () => {
    const Conditions = {
      Yes: { 'Fn::Equals': [{ Ref: 'Stage' }, 'dev'] },
      No: { 'Fn::Not': [{ Condition: 'Yes' }] },
      Both: { 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'No' }] },
      One: { 'Fn::Or': [{ Condition: 'No' }, { Condition: 'Yes' }] },
    };
    const Parameters = { Stage: { Type: 'String', Default: 'dev' } };
    const answer = (condition: string) =>
      resolved({ 'Fn::If': [condition, 'yes', { Ref: 'AWS::NoValue' }] }, { Conditions, Parameters });
    expect(['Yes', 'No', 'Both', 'One'].map(answer)).toEqual(['yes', undefined, undefined, 'yes']);
    const Resources = { Gone: { ...table, Condition: 'No' }, There: { ...table, Condition: 'One' } };
    const ids = [...resolveTemplate({ Conditions, Parameters, Resources }).keys()];
    expect(ids).toEqual(['There']);
  });

  it('takes values that only the running stack knows, by resource, by type and by parameter', () => {
    const Resources = { Api: { Type: 'AWS::AppSync::GraphQLApi', Properties: {} } };
    const url = { 'Fn::GetAtt': ['Api', 'GraphQLUrl'] };
    expect(resolved(url, { Resources }, { 'AWS::AppSync::GraphQLApi.GraphQLUrl': 'http://a' })).toBe(
      'http://a',
    );
    expect(
      resolved(
        url,
        { Resources },
        { 'AWS::AppSync::GraphQLApi.GraphQLUrl': 'http://a', 'Api.GraphQLUrl': 'http://b' },
      ),
    ).toBe('http://b');
    expect(resolved({ Ref: 'Stage' }, { Parameters: { Stage: {} } }, { Stage: 'prod' })).toBe('prod');
  });

  it.each<[string, unknown, string]>([
    [
      'a function it does not know',
      { a: { 'Fn::ImportValue': 'x' } },
      'Probe.Value.a: the local runtime does not know Fn::ImportValue',
    ],
    [
      'an attribute it does not know',
      { 'Fn::GetAtt': ['Table', 'Colour'] },
      'does not know Colour of AWS::DynamoDB::Table',
    ],
    ['a resource that is not there', { Ref: 'Nothing' }, 'Ref to Nothing, which is not in the template'],
    ['an attribute of one that is not there', { 'Fn::Sub': '${Nothing.Arn}' }, 'GetAtt of Nothing'],
    ['a part that is not there', { 'Fn::Select': [2, ['a']] }, 'Fn::Select of 2 out of 1'],
    [
      'a function that is written wrongly',
      { 'Fn::Join': 'a' },
      'Fn::Join is not written as CloudFormation wants it',
    ],
    ['a condition that is not there', { 'Fn::If': ['Nothing', 1, 2] }, 'no condition Nothing'],
  ])('names %s', (_, value, complaint) => {
    expect(() => resolved(value)).toThrow(complaint);
  });

  it('names what depends on itself', () => {
    const Resources = {
      One: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: { Ref: 'Two' } } },
      Two: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: { Ref: 'One' } } },
    };
    expect(() => resolved({ Ref: 'One' }, { Resources })).toThrow('One depends on itself');
  });

  it('refuses the stream of a table without one', () => {
    const Resources = { Quiet: { Type: 'AWS::DynamoDB::Table', Properties: {} } };
    expect(() => resolved({ 'Fn::GetAtt': ['Quiet', 'StreamArn'] }, { Resources })).toThrow('has no stream');
  });
});

describe('a cloud assembly', () => {
  function assemblyWith(stacks: readonly string[]) {
    const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-template-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const write = (name: string, content: unknown) =>
      writeFileSync(path.join(folder, name), JSON.stringify(content));
    const stack = { type: 'aws:cloudformation:stack', properties: { templateFile: 'T.template.json' } };
    write('manifest.json', {
      artifacts: {
        Tree: { type: 'cdk:tree', properties: { file: 'tree.json' } },
        ...Object.fromEntries(stacks.map((name) => [name, stack])),
      },
    });
    write('T.template.json', { Resources: { Table: table } });
    write('T.assets.json', {
      files: { abc: { source: { path: 'asset.abc' }, destinations: { here: { objectKey: 'abc.zip' } } } },
    });
    return folder;
  }

  it('gives its resources by type and by id, and the folder of an asset', () => {
    const assembly = assemblyWith(['Lockstep']);
    const template = readTemplate({ assembly });
    expect(template.stackName).toBe('Lockstep');
    expect(template.resources('AWS::DynamoDB::Table').map((it) => it.logicalId)).toEqual(['Table']);
    expect(template.resource('Table').properties['TableName']).toBe('courses');
    expect(template.assetPath('abc.zip')).toBe(path.join(assembly, 'asset.abc'));
    expect(() => template.resource('Nothing')).toThrow('no resource Nothing');
    expect(() => template.assetPath('nothing.zip')).toThrow('no asset nothing.zip');
  });

  it('is the stack that the others are built on', () => {
    const assembly = assemblyWith(['Lockstep', 'Lockstep-Console']);
    const manifest = JSON.parse(readFileSync(path.join(assembly, 'manifest.json'), 'utf8'));
    manifest.artifacts['Lockstep-Console'].dependencies = ['Lockstep', 'Lockstep-Console.assets'];
    writeFileSync(path.join(assembly, 'manifest.json'), JSON.stringify(manifest));
    expect(readTemplate({ assembly }).stackName).toBe('Lockstep');
  });

  it.each([[[]], [['One', 'Two']]])('is refused with the stacks %j', (stacks) => {
    expect(() => readTemplate({ assembly: assemblyWith(stacks) })).toThrow('it must have one');
  });
});
