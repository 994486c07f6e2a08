import * as z from 'zod';
import { evaluateCondition } from './iam-condition.ts';
import { matchesPattern } from './iam-pattern.ts';

const OneOrMany = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const ConditionValue = z.union([z.string(), z.boolean(), z.number()]).transform((value) => String(value));
const ConditionValues = z
  .union([ConditionValue, z.array(ConditionValue)])
  .transform((value) => [value].flat());

/** One statement of an IAM identity policy, with every list written out. */
export const Statement = z
  .strictObject({
    Sid: z.string().optional(),
    Effect: z.enum(['Allow', 'Deny']),
    Action: OneOrMany.optional(),
    NotAction: OneOrMany.optional(),
    Resource: OneOrMany.optional(),
    NotResource: OneOrMany.optional(),
    Condition: z.record(z.string(), z.record(z.string(), ConditionValues)).default({}),
  })
  .refine((it) => (it.Action === undefined) !== (it.NotAction === undefined), 'needs Action or NotAction')
  .refine(
    (it) => (it.Resource === undefined) !== (it.NotResource === undefined),
    'needs Resource or NotResource',
  );
export type Statement = z.output<typeof Statement>;

export const PolicyDocument = z.object({
  Statement: z.union([Statement, z.array(Statement)]).transform((value) => [value].flat()),
});

/** What a caller asks to do. */
export interface AccessRequest {
  /** Service and action, for example `dynamodb:PutItem`. */
  readonly action: string;
  /** The ARN it would act on, or `*` for an action on no resource in particular. */
  readonly resource: string;
  /** Values by condition key, for example `dynamodb:EnclosingOperation`. A key without a value is absent. */
  readonly context: Readonly<Record<string, readonly string[]>>;
}

export interface Decision {
  readonly verdict: 'allowed' | 'denied-by-statement' | 'not-allowed';
  /** Parts of the statements that the evaluator does not know and that counted against the request. */
  readonly unsupported: readonly string[];
}

/**
 * Evaluates identity policies as IAM does: a Deny that applies wins, else one Allow must apply.
 *
 * What it does not know (a condition operator or key, a policy variable) fails closed: an Allow with it does
 * not apply, a Deny with it does.
 */
export function evaluate(statements: readonly Statement[], request: AccessRequest): Decision {
  const unsupported: string[] = [];
  let allowed = false;
  for (const statement of statements) {
    if (!coversAction(statement, request.action)) continue;
    const applies = appliesTo(statement, request, unsupported);
    if (applies && statement.Effect === 'Deny') return { verdict: 'denied-by-statement', unsupported };
    allowed ||= applies;
  }
  return { verdict: allowed ? 'allowed' : 'not-allowed', unsupported };
}

/** Whether the statements allow the request. */
export function isAllowed(statements: readonly Statement[], request: AccessRequest): boolean {
  return evaluate(statements, request).verdict === 'allowed';
}

function coversAction(statement: Statement, action: string): boolean {
  const wanted = action.toLowerCase();
  const matches = (pattern: string) => matchesPattern(pattern.toLowerCase(), wanted);
  if (statement.Action !== undefined) return statement.Action.some(matches);
  return !(statement.NotAction ?? []).some(matches);
}

function appliesTo(statement: Statement, request: AccessRequest, unsupported: string[]): boolean {
  const patterns = statement.Resource ?? statement.NotResource ?? [];
  const variables = patterns.filter((pattern) => pattern.includes('${'));
  const inResources = patterns.some((pattern) => matchesPattern(pattern, request.resource));
  const covered = statement.Resource === undefined ? !inResources : inResources;
  if (!covered && variables.length === 0) return false;
  const condition = evaluateCondition(statement.Condition, request.context);
  if (condition.result === false) return false;
  if (covered && variables.length === 0 && condition.result === true) return true;
  unsupported.push(...variables.map((pattern) => `policy variable in ${pattern}`), ...condition.unsupported);
  return statement.Effect === 'Deny';
}
