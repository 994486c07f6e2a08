import { randomUUID } from 'node:crypto';
import { FieldFailure } from './appsync-errors.ts';
import { SubscriptionFilter, toSubscriptionFilter } from './appsync-filter.ts';

/** Thrown by runtime.earlyReturn to leave the handler; APPSYNC_JS code has no catch to see it. */
export class EarlyReturn extends Error {
  readonly value: unknown;
  readonly skipTo: 'next' | 'end';

  constructor(value: unknown, skipTo: 'next' | 'end') {
    super('runtime.earlyReturn');
    this.value = value;
    this.skipTo = skipTo;
  }
}

/** Where a resolver's calls of the utilities lead. */
export interface RuntimePorts {
  /** The error of util.unauthorized for the field that is being resolved. */
  readonly refusal: () => FieldFailure;
  readonly append: (failure: FieldFailure) => void;
  readonly setFilter: (filter: SubscriptionFilter) => void;
}

function only<T extends object>(name: string, members: T): T {
  return new Proxy(members, {
    get: (target, property, receiver) => {
      if (typeof property === 'symbol' || property in target) return Reflect.get(target, property, receiver);
      throw new Error(`${name}.${property} does not run here`);
    },
  });
}

const time = {
  nowISO8601: () => new Date().toISOString(),
  nowEpochSeconds: () => Math.floor(Date.now() / 1000),
  nowEpochMilliSeconds: () => Date.now(),
  parseISO8601ToEpochMilliSeconds: (text: string) => Date.parse(text),
  epochMilliSecondsToSeconds: (milliseconds: number) => Math.floor(milliseconds / 1000),
  epochMilliSecondsToISO8601: (milliseconds: number) => new Date(milliseconds).toISOString(),
};

function failure(message: unknown, errorType?: unknown, data?: unknown, errorInfo?: unknown): FieldFailure {
  const type = errorType === undefined || errorType === null ? null : String(errorType);
  return new FieldFailure(String(message), type, data ?? null, errorInfo ?? null);
}

/** The part of `@aws-appsync/utils` that runs here; anything else throws by its name. */
export function createRuntimeModule(ports: RuntimePorts): Record<string, unknown> {
  const util = {
    error: (...given: [unknown, unknown?, unknown?, unknown?]): never => {
      throw failure(...given);
    },
    appendError: (...given: [unknown, unknown?, unknown?, unknown?]): void => ports.append(failure(...given)),
    unauthorized: (): never => {
      throw ports.refusal();
    },
    autoId: () => randomUUID(),
    matches: (pattern: string, text: string) => new RegExp(pattern).test(text),
    base64Encode: (text: string) => Buffer.from(text).toString('base64'),
    base64Decode: (text: string) => Buffer.from(text, 'base64').toString(),
    urlEncode: (text: string) => encodeURIComponent(text),
    urlDecode: (text: string) => decodeURIComponent(text),
    time: only('util.time', time),
    transform: only('util.transform', { toSubscriptionFilter }),
  };
  const extensions = {
    setSubscriptionFilter: (given: unknown): void =>
      ports.setFilter(SubscriptionFilter.parse(JSON.parse(JSON.stringify(given)))),
  };
  const runtime = {
    earlyReturn: (value?: unknown, options?: { skipTo?: unknown }): never => {
      throw new EarlyReturn(value, options?.skipTo === 'END' ? 'end' : 'next');
    },
  };
  return {
    util: only('util', util),
    extensions: only('extensions', extensions),
    runtime: only('runtime', runtime),
  };
}
