import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../infra/local/streams/filter-pattern.ts';

const record = {
  eventName: 'MODIFY',
  dynamodb: {
    SizeBytes: 120,
    NewImage: {
      status: { S: 'Active' },
      progress: { N: '40' },
      tags: { SS: ['red', 'blue'] },
      nested: { M: { deep: { S: 'x' } } },
      list: { L: [{ S: 'one' }, { S: 'two' }] },
      empty: { NULL: true },
    },
  },
};

function image(attribute: string, wanted: unknown) {
  return compileFilter(JSON.stringify({ dynamodb: { NewImage: { [attribute]: wanted } } }))(record);
}

describe('a filter pattern', () => {
  it.each([
    ['an exact value', { S: ['Other', 'Active'] }, true],
    ['another value', { S: ['Other'] }, false],
    ['a prefix', { S: [{ prefix: 'Act' }] }, true],
    ['a prefix in another case', { S: [{ prefix: 'act' }] }, false],
    ['a suffix', { S: [{ suffix: 'ive' }] }, true],
    ['equality without case', { S: [{ 'equals-ignore-case': 'ACTIVE' }] }, true],
    ['anything but the value', { S: [{ 'anything-but': 'Active' }] }, false],
    ['anything but other values', { S: [{ 'anything-but': ['a', 'b'] }] }, true],
    ['anything but a prefix', { S: [{ 'anything-but': { prefix: 'Act' } }] }, false],
    ['a value that exists', { S: [{ exists: true }] }, true],
    ['a value that must not exist', { S: [{ exists: false }] }, false],
    ['the absence of another type', { N: [{ exists: false }] }, true],
  ])('takes %s', (_, wanted, expected) => {
    expect(image('status', wanted)).toBe(expected);
  });

  it('never matches a DynamoDB number numerically, because it is text', () => {
    expect(image('progress', { N: [{ numeric: ['>=', 0] }] })).toBe(false);
    expect(image('progress', { N: ['40'] })).toBe(true);
    expect(image('progress', { N: [40] })).toBe(false);
  });

  it('compares the real numbers of a record numerically', () => {
    const sized = (...numeric: unknown[]) =>
      compileFilter(JSON.stringify({ dynamodb: { SizeBytes: [{ numeric }] } }))(record);
    expect(sized('>', 100, '<=', 120)).toBe(true);
    expect(sized('>', 100, '<', 120)).toBe(false);
    expect(sized('=', 120)).toBe(true);
  });

  it('needs every key to match, and any value of a key', () => {
    const both = (eventName: string) =>
      compileFilter(
        JSON.stringify({
          eventName: ['REMOVE', eventName],
          dynamodb: { NewImage: { status: { S: ['Active'] } } },
        }),
      )(record);
    expect([both('MODIFY'), both('INSERT')]).toEqual([true, false]);
  });

  it('takes one of the patterns under $or, beside the other keys', () => {
    const either = (progress: string, eventName = 'MODIFY') =>
      compileFilter(
        JSON.stringify({
          eventName: [eventName],
          $or: [
            { dynamodb: { SizeBytes: [1] } },
            { dynamodb: { NewImage: { progress: { N: [progress] } } } },
          ],
        }),
      )(record);
    expect([either('40'), either('41'), either('40', 'INSERT')]).toEqual([true, false, false]);
  });

  it('looks at the leaves only: an object is neither a value nor absent below', () => {
    expect(image('nested', [{ exists: true }])).toBe(false);
    expect(image('missing', { S: [{ exists: false }] })).toBe(true);
    expect(image('missing', { S: [{ 'anything-but': 'x' }] })).toBe(false);
  });

  it('matches any element of a list', () => {
    expect(image('tags', { SS: ['blue'] })).toBe(true);
    expect(image('list', { L: { S: ['two'] } })).toBe(true);
    expect(image('empty', { NULL: [true] })).toBe(true);
  });

  it('is refused when it is something else than Lambda knows', () => {
    expect(() => compileFilter('[]')).toThrow('JSON object');
    expect(() => compileFilter('{"eventName":"INSERT"}')).toThrow('eventName');
    expect(() => compileFilter('{"eventName":[{"wildcard":"I*"}]}')).toThrow();
    expect(() => compileFilter('{"a":[{"numeric":["~",1]}]}')).toThrow('numeric');
  });
});
