import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import type { Resource, SynthesisedTemplate } from './resource.ts';
import { attributeOf, refOf } from './resource-values.ts';
import { type Intrinsics, type Lookup, resolveValue, truthOf } from './template-intrinsics.ts';

export interface ReadTemplateOptions {
  /** The cloud assembly that CDK wrote. */
  readonly assembly: string;
  /**
   * Values that only the running stack knows, by `LogicalId.Attribute`, `Type.Attribute`, `LogicalId` (for a
   * Ref) or the name of a parameter. They win over what a resource would have by itself.
   */
  readonly values?: Readonly<Record<string, string>>;
}

const Manifest = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      properties: z.unknown(),
      dependencies: z.array(z.string()).default([]),
    }),
  ),
});
const StackArtifact = z.object({ templateFile: z.string(), stackName: z.string().optional() });
const AssetManifest = z.object({
  files: z
    .record(
      z.string(),
      z.object({
        source: z.object({ path: z.string() }),
        destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
      }),
    )
    .default({}),
});
const Template = z.object({
  Parameters: z.record(z.string(), z.object({ Default: z.unknown().optional() })).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).default({}),
      Condition: z.string().optional(),
    }),
  ),
});
type Template = z.infer<typeof Template>;

/**
 * Reads the one stack of a cloud assembly, or the one that the others are built on. Properties are resolved when they are first read.
 *
 * @throws Error when there is not one such stack, ZodError when a file is not what CDK writes; the resources throw
 * Error, naming the place, on an intrinsic function or attribute that is not known here
 */
export function readTemplate({ assembly, values = {} }: ReadTemplateOptions): SynthesisedTemplate {
  const { name, file } = findStack(assembly);
  const template = Template.parse(readJson(path.join(assembly, file)));
  const assets = readAssets(assembly);
  const resources = resolveTemplate(template, values);
  return {
    stackName: name,
    resources: (type) => [...resources.values()].filter((resource) => resource.type === type),
    resource: (logicalId) => {
      const found = resources.get(logicalId);
      if (found === undefined) throw new Error(`The template has no resource ${logicalId}`);
      return found;
    },
    assetPath: (s3Key) => {
      const source = assets.get(s3Key);
      if (source === undefined) throw new Error(`The assembly has no asset ${s3Key}`);
      return path.join(assembly, source);
    },
  };
}

/** Resolves a template that is already in memory; `readTemplate` says what `values` are. */
export function resolveTemplate(
  input: unknown,
  values: Readonly<Record<string, string>> = {},
): ReadonlyMap<string, Resource> {
  const template = Template.parse(input);
  const intrinsics = intrinsicsOf(template, values);
  const kept = Object.entries(template.Resources).filter(
    ([, { Condition }]) => Condition === undefined || truthOf(Condition, intrinsics),
  );
  return new Map(
    kept.map(([logicalId, { Type, Properties }]) => {
      let resolved: Readonly<Record<string, unknown>> | undefined;
      const resource: Resource = {
        logicalId,
        type: Type,
        get properties() {
          return (resolved ??= z
            .record(z.string(), z.unknown())
            .parse(resolveValue(Properties, intrinsics, logicalId)));
        },
      };
      return [logicalId, resource];
    }),
  );
}

function intrinsicsOf(template: Template, values: Readonly<Record<string, string>>): Intrinsics {
  const underway = new Set<string>();

  /** A single property, for names that make up ARNs; resolving all of them could run in circles. */
  const lookup =
    (logicalId: string): Lookup =>
    (property) => {
      const value = template.Resources[logicalId]?.Properties[property];
      return value === undefined ? undefined : resolveValue(value, intrinsics, `${logicalId}.${property}`);
    };

  function guarded<T>(what: string, compute: () => T): T {
    if (underway.has(what)) throw new Error(`${what} depends on itself`);
    underway.add(what);
    try {
      return compute();
    } finally {
      underway.delete(what);
    }
  }

  const intrinsics: Intrinsics = {
    conditions: template.Conditions,
    ref: (name, place) => {
      const given = values[name];
      if (given !== undefined) return given;
      const parameter = template.Parameters[name];
      if (parameter?.Default !== undefined) return parameter.Default;
      const resource = template.Resources[name];
      if (resource === undefined) throw new Error(`${place}: Ref to ${name}, which is not in the template`);
      return guarded(name, () => refOf(resource.Type, name, lookup(name)));
    },
    getAtt: (logicalId, attribute, place) => {
      const resource = template.Resources[logicalId];
      if (resource === undefined) {
        throw new Error(`${place}: GetAtt of ${logicalId}, which is not in the template`);
      }
      const what = `${logicalId}.${attribute}`;
      const given = values[what] ?? values[`${resource.Type}.${attribute}`];
      if (given !== undefined) return given;
      return guarded(what, () => attributeOf(resource.Type, logicalId, attribute, lookup(logicalId)));
    },
  };
  return intrinsics;
}

function findStack(assembly: string): { name: string; file: string } {
  const { artifacts } = Manifest.parse(readJson(path.join(assembly, 'manifest.json')));
  const stacks = Object.entries(artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  const names = new Set(stacks.map(([id]) => id));
  const [first, ...others] = stacks.filter(
    ([, { dependencies }]) => !dependencies.some((id) => names.has(id)),
  );
  if (first === undefined || others.length > 0) {
    throw new Error(`The assembly ${assembly} has ${stacks.length} stacks; it must have one`);
  }
  const [id, { properties }] = first;
  const { templateFile, stackName } = StackArtifact.parse(properties);
  return { name: stackName ?? id, file: templateFile };
}

/** Where each asset is in the assembly, by the key CDK would give it. */
function readAssets(assembly: string): ReadonlyMap<string, string> {
  const manifests = readdirSync(assembly).filter((name) => name.endsWith('.assets.json'));
  return new Map(
    manifests.flatMap((name) => {
      const { files } = AssetManifest.parse(readJson(path.join(assembly, name)));
      return Object.values(files).flatMap(({ source, destinations }) =>
        Object.values(destinations).map(({ objectKey }) => [objectKey, source.path] as const),
      );
    }),
  );
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
