import { accessContext, enclosingOperation } from './access-context.ts';
import type { Access, DynamoDbRequest } from './dynamodb-request.ts';
import { evaluate } from '../iam/iam-policy.ts';
import type { AccessRequest, Decision } from '../iam/iam-policy.ts';
import type { Principal } from '../iam/principals.ts';
import type { LocalTable } from './tables.ts';
import { accessDenied } from './wire-error.ts';
import type { WireError } from './wire-error.ts';

export interface AuthorizerOptions {
  readonly region: string;
  readonly account: string;
  readonly tables: ReadonlyMap<string, LocalTable>;
  readonly onAccess?: (access: AuthorizedAccess) => void;
}

/** One access that a function asked for: each item of a transaction or batch is one. */
export interface AuthorizedAccess {
  readonly functionName: string;
  /** For example `dynamodb:PutItem`. */
  readonly action: string;
  /** The ARN of the table, index or stream. */
  readonly resource: string;
  readonly allowed: boolean;
}

/** Answers with the error to send, or with undefined when every part of the request is allowed. */
export type Authorizer = (principal: Principal, request: DynamoDbRequest) => WireError | undefined;

/**
 * Authorises what DynamoDB authorises: a transaction by the single write of each item, a batch by the batch
 * operation on each table, a query on an index by the index's ARN, stream reads by the stream's ARN.
 */
export function createAuthorizer(options: AuthorizerOptions): Authorizer {
  const needsItems = new WeakMap<Principal, boolean>();
  const decisions = new WeakMap<Principal, Map<string, Decision>>();

  // Most policies look at nothing inside an item. Their decisions are few and kept, as the gate makes one for
  // every item of every request.
  function decide(
    principal: Principal,
    request: DynamoDbRequest,
    access: Access,
    resource: string,
  ): Decision {
    const known = decisions.get(principal) ?? new Map<string, Decision>();
    decisions.set(principal, known);
    const context = enclosingOperation(request);
    const key = `${access.action} ${resource} ${Object.values(context).join()}`;
    const decision =
      known.get(key) ?? evaluate(principal.statements, { action: access.action, resource, context });
    known.set(key, decision);
    return decision;
  }

  function decideByItem(
    principal: Principal,
    request: DynamoDbRequest,
    access: Access,
    resource: string,
  ): Decision {
    const table = access.table === undefined ? undefined : options.tables.get(access.table);
    const context = accessContext(request, access, table);
    if (typeof context === 'string') return { verdict: 'not-allowed', unsupported: [context] };
    return evaluate(principal.statements, {
      action: access.action,
      resource,
      context: { ...context, ...enclosingOperation(request) },
    });
  }

  return (principal, request) => {
    const byItem = needsItems.get(principal) ?? looksInsideItems(principal);
    needsItems.set(principal, byItem);
    for (const access of request.accesses) {
      const resource = resourceOf(access, options);
      const decision = (byItem ? decideByItem : decide)(principal, request, access, resource);
      const allowed = decision.verdict === 'allowed';
      options.onAccess?.({
        functionName: principal.functionName,
        action: access.action,
        resource,
        allowed,
      });
      if (!allowed) {
        return denial(principal, { action: access.action, resource }, decision, options.account);
      }
    }
    return undefined;
  };
}

function looksInsideItems(principal: Principal): boolean {
  return principal.statements
    .flatMap((statement) => Object.values(statement.Condition))
    .flatMap((keys) => Object.keys(keys))
    .some((key) => key.toLowerCase() !== 'dynamodb:enclosingoperation');
}

function resourceOf(access: Access, options: AuthorizerOptions): string {
  const prefix = `arn:aws:dynamodb:${options.region}:${options.account}:table/`;
  if (access.kind === 'stream') {
    // The local label of a stream in the template's ARNs. Listing streams asks for any of them.
    const label = access.action === 'dynamodb:ListStreams' ? '*' : 'local';
    return `${prefix}${access.table ?? '*'}/stream/${label}`;
  }
  if (access.table === undefined) return '*';
  const index = access.part?.IndexName;
  return index === undefined ? `${prefix}${access.table}` : `${prefix}${access.table}/index/${index}`;
}

function denial(
  principal: Principal,
  asked: Pick<AccessRequest, 'action' | 'resource'>,
  decision: Decision,
  account: string,
): WireError {
  const user = `arn:aws:sts::${account}:assumed-role/${principal.roleName}/${principal.functionName}`;
  const reason =
    decision.verdict === 'denied-by-statement'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${asked.action} action`;
  // Not in AWS's text: a policy that works there may fail here, and should say why.
  const unsupported =
    decision.unsupported.length === 0 ? '' : ` (not supported here: ${decision.unsupported.join(', ')})`;
  return accessDenied(
    `User: ${user} is not authorized to perform: ${asked.action} on resource: ${asked.resource} ${reason}${unsupported}`,
  );
}
