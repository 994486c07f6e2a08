import type { Context } from '@aws-appsync/utils';

/**
 * Resolver of publishStudentChange and publishAdminChange, on a NONE data source: the change is echoed, and
 * AppSync hands the echo to the subscribers.
 */
export function request(ctx: Context<{ change: Record<string, unknown> }>) {
  return { payload: ctx.args.change };
}

/** The change as it was sent. */
export function response(ctx: Context) {
  return ctx.result;
}
