/** Resolver of schemaVersion, on a NONE data source. */
export function request() {
  return { payload: '1' };
}

/** The version of the events' shape. */
export function response(ctx: { readonly result: string }) {
  return ctx.result;
}
