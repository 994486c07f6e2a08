import * as z from 'zod';
import { AdminChange, onAdminChange, onStudentChange, StudentChange } from '../contracts/publish.ts';

/** The part of a web socket this client uses; the browser's and that of `ws` both fit. */
export interface WebSocketLike {
  onopen: ((event: never) => unknown) | null;
  onmessage: ((event: never) => unknown) | null;
  onclose: ((event: never) => unknown) | null;
  onerror: ((event: never) => unknown) | null;
  readonly readyState: number;
  send(text: string): void;
  close(code?: number): void;
}
