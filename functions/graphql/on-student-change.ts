import { util } from '@aws-appsync/utils';

interface SubscribeContext {
  readonly args: { readonly userId: string };
  readonly identity?: { readonly sub?: string; readonly groups?: readonly string[] | null } | null;
}

/**
 * Resolver of onStudentChange, on a NONE data source: a student may listen to the own topic only, a member
 * of the group `admin` to anyone's. Runs once, when a subscription starts.
 */
export function request(ctx: SubscribeContext) {
  const subject = ctx.identity?.sub;
  const groups = ctx.identity?.groups ?? [];
  const own = !!subject && subject === ctx.args.userId;
  if (!own && !groups.includes('admin')) {
    util.unauthorized();
  }
  return { payload: null };
}

/** Null: whatever else a subscription's resolver returns, AppSync would check against the type. */
export function response() {
  return null;
}
