import {
  getDirectiveValues,
  isObjectType,
  type FieldDefinitionNode,
  type GraphQLSchema,
  type ObjectTypeDefinitionNode,
} from 'graphql';
import type { ApiAuth, Caller, Mode } from './appsync-auth.ts';

const directiveModes: Readonly<Record<string, Mode>> = {
  aws_iam: 'AWS_IAM',
  aws_cognito_user_pools: 'AMAZON_COGNITO_USER_POOLS',
  aws_auth: 'AMAZON_COGNITO_USER_POOLS',
  aws_api_key: 'API_KEY',
  aws_oidc: 'OPENID_CONNECT',
  aws_lambda: 'AWS_LAMBDA',
};

/** The modes that may see a field; the groups when a mode is limited to some. */
type FieldRule = ReadonlyMap<Mode, readonly string[] | undefined>;

function ruleOf(
  schema: GraphQLSchema,
  node: FieldDefinitionNode | ObjectTypeDefinitionNode | null | undefined,
): FieldRule | undefined {
  const rule = new Map<Mode, readonly string[] | undefined>();
  for (const [name, mode] of Object.entries(directiveModes)) {
    const directive = schema.getDirective(name);
    const values = node && directive ? getDirectiveValues(directive, node) : undefined;
    if (values === undefined) continue;
    const groups = values['cognito_groups'];
    rule.set(mode, Array.isArray(groups) ? groups.map(String) : undefined);
  }
  return rule.size === 0 ? undefined : rule;
}

/**
 * Makes the function that says whether a caller may see a field: the field's own directives, else its type's,
 * else the API's default mode. Throws on `@aws_auth` where it would silently do nothing.
 */
export function createFieldAccess(
  schema: GraphQLSchema,
  auth: ApiAuth,
): (caller: Caller, typeName: string, fieldName: string) => boolean {
  const rules = new Map<string, FieldRule>();
  const byDefault: FieldRule = new Map([[auth.defaultMode, auth.denyByDefault ? [] : undefined]]);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    const typeRule = ruleOf(schema, type.astNode);
    for (const field of Object.values(type.getFields())) {
      if (auth.modes.size > 1 && field.astNode?.directives?.some(({ name }) => name.value === 'aws_auth')) {
        throw new Error(
          `${type.name}.${field.name}: @aws_auth has no effect beside other modes; use @aws_cognito_user_pools`,
        );
      }
      rules.set(`${type.name}.${field.name}`, ruleOf(schema, field.astNode) ?? typeRule ?? byDefault);
    }
  }
  return (caller, typeName, fieldName) => {
    const rule = rules.get(`${typeName}.${fieldName}`) ?? byDefault;
    if (!rule.has(caller.mode)) return false;
    const groups = rule.get(caller.mode);
    if (groups === undefined || caller.mode === 'AWS_IAM') return true;
    return groups.some((group) => caller.groups.includes(group));
  };
}
