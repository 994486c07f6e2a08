import * as z from 'zod';
import { loadResolverCode, pipelineResolver, unitResolver, type RunResolver } from './appsync-js.ts';
import type { Resource, SynthesisedTemplate } from '../template/resource.ts';

const DataSourceProperties = z.object({ Name: z.string(), Type: z.string() });

const Runtime = z.object({ Name: z.literal('APPSYNC_JS') });

const FunctionProperties = z.object({
  Name: z.string(),
  DataSourceName: z.string(),
  Code: z.string(),
  Runtime,
});

const ResolverProperties = z.object({
  TypeName: z.string(),
  FieldName: z.string(),
  Kind: z.enum(['UNIT', 'PIPELINE']).default('UNIT'),
  DataSourceName: z.string().optional(),
  Code: z.string().optional(),
  Runtime: Runtime.optional(),
  PipelineConfig: z.object({ Functions: z.array(z.string()).default([]) }).optional(),
});

function requireNone(user: Resource, name: string | undefined, sources: ReadonlyMap<string, string>): void {
  const type = name === undefined ? undefined : sources.get(name);
  if (type === undefined)
    throw new Error(`${user.logicalId}: there is no data source ${name ?? '(none given)'}`);
  if (type !== 'NONE') {
    throw new Error(`${user.logicalId}: the data source ${name} is of type ${type}; only NONE runs here`);
  }
}

/**
 * Loads every resolver of the template, keyed `Type.field`. A pipeline names its functions by logical id,
 * which is what their FunctionId resolves to. Throws on VTL, and on any data source but NONE.
 */
export async function loadResolvers(template: SynthesisedTemplate): Promise<Map<string, RunResolver>> {
  const sources = new Map(
    template.resources('AWS::AppSync::DataSource').map(({ logicalId, properties }) => {
      const { Name, Type } = DataSourceProperties.parse(properties, {
        error: () => `${logicalId}: unreadable`,
      });
      return [Name, Type];
    }),
  );
  const functions = new Map(
    await Promise.all(
      template.resources('AWS::AppSync::FunctionConfiguration').map(async (resource) => {
        const properties = FunctionProperties.parse(resource.properties);
        requireNone(resource, properties.DataSourceName, sources);
        return [resource.logicalId, await loadResolverCode(properties.Name, properties.Code)] as const;
      }),
    ),
  );
  const resolvers = new Map<string, RunResolver>();
  for (const resource of template.resources('AWS::AppSync::Resolver')) {
    const properties = ResolverProperties.parse(resource.properties);
    const name = `${properties.TypeName}.${properties.FieldName}`;
    if (resolvers.has(name)) throw new Error(`${resource.logicalId}: ${name} has a resolver already`);
    if (properties.Code !== undefined && properties.Runtime === undefined) {
      throw new Error(`${resource.logicalId}: Code wants Runtime APPSYNC_JS`);
    }
    const code = properties.Code === undefined ? undefined : await loadResolverCode(name, properties.Code);
    if (properties.Kind === 'UNIT') {
      if (code === undefined) throw new Error(`${resource.logicalId}: only resolvers with Code run here`);
      requireNone(resource, properties.DataSourceName, sources);
      resolvers.set(name, unitResolver(code));
      continue;
    }
    const steps = (properties.PipelineConfig?.Functions ?? []).map((id) => {
      const step = functions.get(id);
      if (step === undefined) throw new Error(`${resource.logicalId}: there is no function ${id}`);
      return step;
    });
    resolvers.set(name, pipelineResolver(code, steps));
  }
  return resolvers;
}
