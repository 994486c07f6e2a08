import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Resource } from '../../infra/local/template/resource.ts';
import { resolveTemplate } from '../../infra/local/template/template.ts';

/** A resource as CloudFormation reads it. Tests damage it freely. */
export interface RawResource {
  Type: string;
  Properties: any;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
  DependsOn?: string[];
}

export type RawResources = Record<string, RawResource>;

/** A template to check: as it is written, and with its intrinsic functions resolved. */
export interface Model {
  readonly raw: RawResources;
  /** All resources of a type, resolved. */
  of(type: string): readonly (Resource & { readonly properties: any })[];
}

/** What a checker says is wrong, one line a finding; empty when all is well. */
export type Check = (model: Model) => string[];

export function readRaw(assembly: string): RawResources {
  return JSON.parse(readFileSync(path.join(assembly, 'Lockstep.template.json'), 'utf8')).Resources;
}

export function modelOf(raw: RawResources): Model {
  const resolved = [...resolveTemplate({ Resources: raw }).values()];
  return { raw, of: (type) => resolved.filter((resource) => resource.type === type) };
}

/** A copy of the template with damage done to it. */
export function damaged(raw: RawResources, damage: (resources: RawResources) => void): Model {
  const copy = structuredClone(raw);
  damage(copy);
  return modelOf(copy);
}

/** The first resource of a type whose logical id begins with the given text. */
export function find(resources: RawResources, type: string, beginning = ''): RawResource {
  const found = Object.entries(resources).find(([id, it]) => it.Type === type && id.startsWith(beginning));
  if (found === undefined) throw new Error(`No ${type} ${beginning}`);
  return found[1];
}

export function list(value: string | string[] | undefined): string[] {
  return value === undefined ? [] : [value].flat();
}
