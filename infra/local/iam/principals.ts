import { createHash } from 'node:crypto';
import * as z from 'zod';
import { PolicyDocument } from './iam-policy.ts';
import type { Statement } from './iam-policy.ts';
import type { Resource, SynthesisedTemplate } from '../template/resource.ts';

/** Who calls: a function with what its role allows. */
export interface Principal {
  readonly functionName: string;
  readonly roleName: string;
  readonly statements: readonly Statement[];
}

/**
 * The access key a function gets on this machine: the same in every run, and different from that of any other
 * function. It has the form of the temporary keys that Lambda gives.
 */
export function accessKeyIdFor(functionName: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const digest = createHash('sha256').update(functionName).digest();
  return `ASIA${Array.from(digest.subarray(0, 16), (byte) => alphabet[byte % 32]).join('')}`;
}

const FunctionProperties = z.object({ FunctionName: z.string().optional(), Role: z.string() });

/**
 * Every function of the template by the access key it gets. A managed policy of AWS that is only named by its ARN adds nothing here.
 */
export function principalsOf(template: SynthesisedTemplate): Map<string, Principal> {
  const principals = new Map<string, Principal>();
  for (const lambda of template.resources('AWS::Lambda::Function')) {
    const { FunctionName: functionName = lambda.logicalId, Role } = FunctionProperties.parse(
      lambda.properties,
    );
    const role = findRole(template, Role);
    principals.set(accessKeyIdFor(functionName), {
      functionName,
      roleName: roleName(role),
      statements: statementsOf(template, role),
    });
  }
  return principals;
}

/**
 * Everything a role of the template may do, for callers other than functions (a data source, a schedule).
 *
 * @param roleArn as GetAtt resolves it, `arn:aws:iam::ACCOUNT:role/LOGICALID`
 * @throws Error when the template has no such role
 */
export function statementsOfRole(template: SynthesisedTemplate, roleArn: string): readonly Statement[] {
  return statementsOf(template, findRole(template, roleArn));
}

const RoleProperties = z.object({
  RoleName: z.string().optional(),
  Policies: z.array(z.object({ PolicyDocument })).default([]),
});

const PolicyProperties = z.object({ PolicyDocument, Roles: z.array(z.string()).default([]) });

function findRole(template: SynthesisedTemplate, arn: string): Resource {
  const name = arn.split('/').at(-1) ?? arn;
  const role = template.resources('AWS::IAM::Role').find((it) => namesOf(it).includes(name));
  if (role === undefined) throw new Error(`The template has no role ${arn}`);
  return role;
}

function statementsOf(template: SynthesisedTemplate, role: Resource): Statement[] {
  const properties = RoleProperties.parse(role.properties);
  const attached = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']
    .flatMap((type) => template.resources(type))
    .map((policy) => PolicyProperties.parse(policy.properties))
    .filter((policy) => policy.Roles.some((name) => namesOf(role).includes(name)));
  return [...properties.Policies, ...attached].flatMap((policy) => policy.PolicyDocument.Statement);
}

function namesOf(role: Resource): string[] {
  return [role.logicalId, roleName(role)];
}

function roleName(role: Resource): string {
  return RoleProperties.parse(role.properties).RoleName ?? role.logicalId;
}
