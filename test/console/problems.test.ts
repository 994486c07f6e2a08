import { describe, expect, it } from 'vitest';
import { isWell, problemOf, type Problems, SignInEnded, troubleOf } from '../../console/src/problems.ts';
import { messageOf } from '../../console/src/message-of.ts';
import { reaching, Unreachable } from '../../console/src/unreachable.ts';
import { ApiError } from '../../shared/client/api.ts';

const refused = (status: number) =>
  new ApiError('get-student-course-detail', status, { title: 'No', status, details: {} });
/** By where it happened, the latest last. */
const mapOf = (...problems: (readonly [Parameters<Problems['get']>[0], unknown])[]): Problems =>
  new Map(problems);
const away = new Unreachable(new TypeError('Failed to fetch'));

describe('What is said above all views', () => {
  const trouble = (state: Parameters<typeof troubleOf>[0], ...problems: Parameters<typeof mapOf>) =>
    troubleOf(state, mapOf(...problems));

  it('is nothing while all is live, but that a sign-in has ended', () => {
    const ended = new SignInEnded('The sign-in of the admin has ended');
    expect(trouble('live', ['connection', away], ['AdminDashboard', away])).toBeUndefined();
    expect(trouble('live', ['sign-in', ended])).toEqual({ kind: 'signed-out', error: ended });
    const unauthorised = refused(401);
    expect(trouble('live', ['AdminDashboard', unauthorised], ['AdminStudents', away])).toEqual({
      kind: 'signed-out',
      error: unauthorised,
    });
  });

  it('is why nothing is live, else what a view cannot be read for, and not what one view is refused', () => {
    const socket = new Error('The socket was closed');
    expect(trouble('polling', ['AdminDashboard', away], ['connection', socket])?.error).toBe(socket);
    expect(trouble('connecting', ['connection', socket], ['AdminDashboard', away])?.error).toBe(socket);
    expect(trouble('polling', ['AdminDashboard', away], ['StudentCourseDetail', refused(404)])?.error).toBe(
      away,
    );
    expect(trouble('polling', ['StudentCourseDetail', refused(404)])).toBeUndefined();
  });
});

describe('What the card of a view says', () => {
  it('is why its view fails, while nothing is said above all views', () => {
    const problems = mapOf(['AdminDashboard', away], ['StudentCourseDetail', refused(404)]);
    expect(problemOf('AdminDashboard', 'live', problems)).toBe(away);
    expect(problemOf('StudentCourseDetail', 'live', problems)).toMatchObject({ status: 404 });
    expect(problemOf('AdminStudents', 'live', problems)).toBeUndefined();
  });

  it('is not what is said above all views, but still what it alone is refused', () => {
    const offline = mapOf(
      ['connection', new Error('The socket was closed')],
      ['AdminDashboard', away],
      ['AdminRequests', refused(503)],
      ['StudentCourseDetail', refused(404)],
    );
    expect(problemOf('AdminDashboard', 'polling', offline)).toBeUndefined();
    expect(problemOf('AdminRequests', 'polling', offline)).toBeUndefined();
    expect(problemOf('StudentCourseDetail', 'polling', offline)).toMatchObject({ status: 404 });
  });

  it('is not once more that somebody is signed out', () => {
    const ended = mapOf(
      ['sign-in', new SignInEnded('It has ended')],
      ['AdminDashboard', refused(401)],
      ['AdminStudents', new SignInEnded('It has ended')],
      ['StudentCourseDetail', refused(404)],
    );
    expect(problemOf('AdminDashboard', 'live', ended)).toBeUndefined();
    expect(problemOf('AdminStudents', 'polling', ended)).toBeUndefined();
    expect(problemOf('StudentCourseDetail', 'live', ended)).toMatchObject({ status: 404 });
  });
});

it('what was wrong with a view is over once it was read, or is live', () => {
  expect(isWell({ live: true, cause: 'event' })).toBe(true);
  expect(isWell({ live: false, cause: 'reloaded' })).toBe(true);
  expect(isWell({ live: false, cause: 'event' })).toBe(false);
});

describe('A request', () => {
  const failing = (error: unknown) => reaching(() => Promise.reject(error));

  it('that reaches nobody says so, and a mistake of the program says what it is', async () => {
    const error: unknown = await failing(new TypeError('Failed to fetch'))('http://school.test').catch(
      (each: unknown) => each,
    );
    expect(error).toBeInstanceOf(Unreachable);
    expect(messageOf(error)).toBe('The school cannot be reached. Is it running?');
    expect(messageOf(new TypeError('x is undefined'))).toBe('x is undefined');
  });

  it('that is broken off says why', async () => {
    const signal = AbortSignal.abort(new Error('no reply in time'));
    await expect(failing(signal.reason)('http://school.test', { signal })).rejects.toThrow(
      'no reply in time',
    );
  });
});
