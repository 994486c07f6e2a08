import { list, type Model } from '../model.ts';

/** One action on one resource that a role allows. */
export interface Permission {
  readonly action: string;
  readonly resource: string;
  /** As JSON, empty when there is none. */
  readonly condition: string;
}

export interface FunctionPermissions {
  readonly functionName: string;
  readonly role: string;
  readonly permissions: readonly Permission[];
}

/** Everything each function's role allows, statement by statement taken apart. */
export function permissionsOf(model: Model): FunctionPermissions[] {
  return model.of('AWS::Lambda::Function').map(({ properties }) => {
    const role = properties.Role.split('/').at(-1);
    return {
      functionName: properties.FunctionName,
      role,
      permissions: statementsOf(model, role).flatMap((statement) =>
        list(statement.Action).flatMap((action) =>
          list(statement.Resource).map((resource) => ({
            action,
            resource,
            condition: statement.Condition === undefined ? '' : JSON.stringify(statement.Condition),
          })),
        ),
      ),
    };
  });
}

/** The statements of the policies in a role and of those attached to it. */
export function statementsOf(model: Model, role: string): any[] {
  const inline = model.of('AWS::IAM::Role').filter(({ logicalId }) => logicalId === role);
  const attached = model
    .of('AWS::IAM::Policy')
    .filter(({ properties }) => list(properties.Roles).includes(role));
  return [
    ...inline.flatMap(({ properties }) => properties.Policies ?? []),
    ...attached.map(({ properties }) => properties),
  ].flatMap((policy: any) => policy.PolicyDocument.Statement);
}

/** The table that an ARN is of, of itself, an index or a stream. */
export function tableIn(arn: string): string | undefined {
  return /:table\/([^/]+)/.exec(arn)?.[1];
}
