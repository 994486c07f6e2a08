/**
 * One resource of the synthesised template, with every intrinsic function resolved to the value it has on
 * this machine. `properties` is still untyped: each part of the runtime parses what it reads.
 */
export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The synthesised template as the local runtime sees it. */
export interface SynthesisedTemplate {
  readonly stackName: string;
  /** All resources of one CloudFormation type, in template order. */
  resources(type: string): readonly Resource[];
  /** Throws when the template has no such resource. */
  resource(logicalId: string): Resource;
  /** The folder (or file) on this machine that CDK would upload under this asset key. */
  assetPath(s3Key: string): string;
}
