import type { AdminChange, RowChange, RowValues, StudentChange } from '../contracts/publish.ts';
import { adminTopic, adminViews, studentViews } from '../contracts/topics.ts';
import { isObject, type JsonObject } from './json-object.ts';

// By hand, and held to the schemas by a test: zod would be four fifths of what a page has to load.

/** The event in the `data` of a frame of a student's topic. @throws TypeError when it is none */
export function readStudentChange(data: unknown): StudentChange {
  const change = objectIn(data, 'onStudentChange');
  return { userId: textIn(change, 'userId'), ...eventIn(change, studentViews) };
}

/** The event in the `data` of a frame of the admins' topic. @throws TypeError when it is none */
export function readAdminChange(data: unknown): AdminChange {
  const change = objectIn(data, 'onAdminChange');
  if (change.topic !== adminTopic) refuse('topic');
  return { topic: adminTopic, ...eventIn(change, adminViews) };
}

function eventIn<View extends string>(change: JsonObject, known: readonly View[]) {
  const views = listIn(change, 'views');
  return {
    eventId: textIn(change, 'eventId'),
    at: timeIn(change, 'at'),
    // A school that has grown a view since the page was loaded is no reason to hear nothing more from it.
    views: known.filter((view) => views.includes(view)),
    rows: listIn(change, 'rows').map(rowOf),
  };
}

function rowOf(value: unknown): RowChange {
  if (!isObject(value)) return refuse('rows');
  const { version, removed } = value;
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 0) return refuse('version');
  if (typeof removed !== 'boolean') return refuse('removed');
  return {
    table: textIn(value, 'table'),
    key: textIn(value, 'key'),
    version,
    removed,
    causedBy: textIn(value, 'causedBy'),
    causedAt: timeIn(value, 'causedAt'),
    values: valuesOf(JSON.parse(textIn(value, 'values'))),
  };
}

function valuesOf(value: unknown): RowValues {
  return isValues(value) ? value : refuse('values');
}

function isValues(value: unknown): value is RowValues {
  return (
    isObject(value) &&
    Object.values(value).every(
      (each) => each === null || ['number', 'string', 'boolean'].includes(typeof each),
    )
  );
}

function objectIn(data: unknown, name: string): JsonObject {
  const value = isObject(data) ? data[name] : undefined;
  return isObject(value) ? value : refuse(name);
}

function listIn(object: JsonObject, name: string): readonly unknown[] {
  const value = object[name];
  return Array.isArray(value) ? value : refuse(name);
}

function textIn(object: JsonObject, name: string): string {
  const value = object[name];
  return typeof value === 'string' && value !== '' ? value : refuse(name);
}

function timeIn(object: JsonObject, name: string): string {
  const value = textIn(object, name);
  return Number.isNaN(Date.parse(value)) ? refuse(name) : value;
}

function refuse(name: string): never {
  throw new TypeError(`an event without a valid ${name}`);
}
