import { type Check, find, type RawResources } from './model.ts';

/** Damage to a template that a checker must see. */
export interface Damage {
  readonly what: string;
  readonly check: Check;
  readonly damage: (resources: RawResources) => void;
  /** Part of what the checker must then say. */
  readonly found: string;
}

/** The statements of the first role whose logical id begins so. */
export const grants = (resources: RawResources, role: string) =>
  find(resources, 'AWS::IAM::Role', role).Properties.Policies[0].PolicyDocument.Statement;
export const mapping = (resources: RawResources, beginning = '') =>
  find(resources, 'AWS::Lambda::EventSourceMapping', beginning).Properties;
/** The first logical id that begins so, of a type that ends so. */
export const idOf = (resources: RawResources, beginning: string, type = '') =>
  Object.keys(resources).find((id) => id.startsWith(beginning) && resources[id]!.Type.endsWith(type))!;
