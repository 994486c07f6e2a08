/** One function of the template, ready to run. `folder` holds `index.mjs`; `timeoutSeconds` and `memoryMb` as in the template. */
export interface FunctionSpec {
  readonly logicalId: string;
  readonly name: string;
  readonly folder: string;
  /** As in the template: `index.handler`. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
}

/** What a function answered. `errorType` and `errorMessage` are the texts Lambda gives. */
export type InvokeResult =
  | { readonly ok: true; readonly payload: unknown }
  | {
      readonly ok: false;
      readonly errorType: string;
      readonly errorMessage: string;
      readonly timedOut: boolean;
    };

/** One line that a function printed. */
export interface FunctionLog {
  readonly logicalId: string;
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
}

/** Lambda's limit on a synchronous payload, both ways, in bytes. */
export const MAX_PAYLOAD_BYTES = 6_291_556;

/** An invocation that did not succeed, other than by its timeout. */
export function failure(errorType: string, errorMessage: string): InvokeResult {
  return { ok: false, errorType, errorMessage, timedOut: false };
}

/** The answer of a function as an InvokeResult; a reply over Lambda's limit is an error, as on Lambda. */
export function parsePayload(text: string): InvokeResult {
  if (Buffer.byteLength(text) > MAX_PAYLOAD_BYTES) {
    return failure(
      'Function.ResponseSizeTooLarge',
      `Response payload size exceeded maximum allowed payload size (${MAX_PAYLOAD_BYTES} bytes).`,
    );
  }
  const payload: unknown = JSON.parse(text);
  return { ok: true, payload };
}
