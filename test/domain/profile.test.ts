import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { changeProfile, newcomer, register, searchable, searchKey } from '../../shared/domain/profile.ts';
import { at, cause, id, stamp, START, student } from './builders.ts';

const now = at(60);
const command = { userId: id<never>('u1'), now, cause };
const ada = { namePrefix: 'ad', nameKey: 'ada okafor' };

describe('a sign-up', () => {
  it('makes a row of a newcomer, found by name and address', () => {
    expect(
      register({ ...command, student: undefined, name: ' Ada Okafor ', email: 'Ada@School.example' }),
    ).toEqual({
      userId: 'u1',
      joinedAt: now,
      newcomerSince: now.slice(0, 10),
      name: 'Ada Okafor',
      email: 'Ada@School.example',
      ...ada,
      emailPrefix: 'ad',
      emailKey: 'ada@school.example',
      ...stamp,
      updatedAt: now,
    });
  });

  it('makes a row also of a person who gave neither name nor address', () => {
    expect(register({ ...command, student: undefined, name: '  ' })).toEqual(newcomer(id('u1'), now, cause));
  });

  it('gives an earlier row what it lacks, and does not make its student a newcomer again', () => {
    const enrolled = student({ name: 'Ada Okafor', ...ada, version: 4 });
    expect(register({ ...command, student: enrolled, name: 'Another', email: 'ada@school.example' })).toEqual(
      {
        ...enrolled,
        email: 'ada@school.example',
        emailPrefix: 'ad',
        emailKey: 'ada@school.example',
        version: 5,
        updatedAt: now,
      },
    );
  });

  it('changes nothing the second time, nor a name that was changed since', () => {
    const first = register({ ...command, student: undefined, name: 'Ada', email: 'a@b.example' });
    expect(register({ ...command, student: first, name: 'Ada', email: 'a@b.example' })).toBeUndefined();
    const renamed = changeProfile({ ...command, student: first, name: 'Ada Okafor' });
    expect(register({ ...command, student: renamed, name: 'Ada', email: 'a@b.example' })).toBeUndefined();
  });

  it('keeps a hundred characters of a name at most', () => {
    expect(register({ ...command, student: undefined, name: 'é'.repeat(300) })?.name).toBe('é'.repeat(100));
  });
});

describe('a change of the name', () => {
  it('moves the person in the index and leaves the rest as it is', () => {
    const before = {
      ...student({ readUpTo: 'x', email: 'a@b.example', emailPrefix: 'a@', emailKey: 'a@b.example' }),
    };
    expect(changeProfile({ ...command, student: before, name: 'Ada Okafor' })).toEqual({
      ...before,
      name: 'Ada Okafor',
      ...ada,
      version: 2,
      updatedAt: now,
    });
  });

  it('changes nothing when the name is the same', () => {
    expect(changeProfile({ ...command, student: student({ name: 'Ada' }), name: 'Ada' })).toBeUndefined();
  });

  it('makes the first row of somebody who never signed up here', () => {
    const made = changeProfile({ ...command, student: undefined, name: 'Ada Okafor' });
    expect(made).toMatchObject({ name: 'Ada Okafor', ...ada, newcomerSince: START.slice(0, 10), version: 1 });
  });

  it('takes the person out of the index where the new name has no letter to compare', () => {
    const changed = changeProfile({ ...command, student: student({ name: 'Ada', ...ada }), name: '\u0301' });
    expect(changed).toMatchObject({ name: '\u0301' });
    expect(changed).not.toHaveProperty('nameKey');
    expect(changed).not.toHaveProperty('namePrefix');
  });
});

describe('what a search compares', () => {
  it.each([
    ['Zoë  ŁUKASZ', 'zoe łukasz'],
    ['  Ångström\t', 'angstrom'],
    ['ﬁona', 'fiona'],
    ['İpek', 'ipek'],
    ['ΣΟΦΟΣ', 'σοφοσ'],
    ['ℌilde', 'hilde'],
    ['Nguyễn Thị', 'nguyen thi'],
  ])('is without accents and case: %j', (text, key) => {
    expect(searchKey(text)).toEqual({ prefix: [...key].slice(0, 2).join(''), key });
  });

  it.each(['', '  ', '\u0301\u0308'])('is nothing where there is no letter: %j', (text) => {
    expect(searchKey(text)).toBeUndefined();
  });

  it('is too short with one letter, however it is written', () => {
    for (const text of ['e', 'e\u0301', '𝒜']) expect(searchable(searchKey(text)!)).toBe(false);
    expect(searchable(searchKey('Ed')!)).toBe(true);
  });

  it('fits an index of any name, and every beginning of a name finds the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }), fc.nat(100), (name, cut) => {
        const whole = searchKey(name);
        const beginning = searchKey([...name.normalize('NFKD')].slice(0, cut).join(''));
        if (whole === undefined || beginning === undefined) return;
        expect(Buffer.byteLength(whole.key)).toBeLessThanOrEqual(1024);
        expect(whole.key.startsWith(beginning.key)).toBe(true);
        if (searchable(beginning)) expect(beginning.prefix).toBe(whole.prefix);
      }),
    );
  });
});
