import path from 'node:path';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { FunctionSpec } from '../function-spec.ts';
import type { TableName } from '../table-specs.ts';
import { writesOwnStreams } from './function-log.ts';
import type { Names } from './names.ts';
import { tableEnvironment, tableStatements } from './table-grants.ts';
import type { Tables } from './tables.ts';

export interface FunctionSurroundings {
  readonly names: Names;
  readonly tables: Tables;
  /** What all functions log to. */
  readonly log: LogGroup;
  /** The folder `infra/bundle.ts` wrote. */
  readonly bundles: string;
  readonly analyticsShards: number;
}

export interface BundledFunctionProps extends FunctionSurroundings {
  /** The operation or consumer, which is also the name of its bundle. */
  readonly name: string;
  readonly spec: FunctionSpec;
  /** The tables whose streams wake it. */
  readonly followed?: readonly TableName[];
  readonly memoryMb: number;
  /** Under 29 s: no caller waits longer. */
  readonly timeoutSeconds: number;
  readonly statements?: readonly PolicyStatement[];
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * A function of the system: one bundle, and one role with what its grants say. Its environment names the tables it
 * is granted or follows and nothing else, so that neither can grow without the other.
 */
export class BundledFunction extends Construct {
  readonly lambda: LambdaFunction;

  constructor(scope: Construct, id: string, props: BundledFunctionProps) {
    super(scope, id);
    const { name, spec, tables, names, log } = props;
    const functionName = names.of(name);
    // Inline, so that a mapping is never created before its function may read the stream.
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        Grants: new PolicyDocument({
          statements: [
            writesOwnStreams(log, functionName),
            ...tableStatements(spec.grants, tables),
            ...(props.statements ?? []),
          ],
        }),
      },
    });
    this.lambda = new LambdaFunction(this, 'Function', {
      functionName,
      runtime: Runtime.NODEJS_22_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(path.join(props.bundles, 'functions', name)),
      memorySize: props.memoryMb,
      timeout: Duration.seconds(props.timeoutSeconds),
      role: role.withoutPolicyUpdates(),
      logGroup: log,
      environment: {
        ...tableEnvironment(spec.grants, props.followed ?? [], tables),
        ...(spec.shards === true ? { ANALYTICS_SHARDS: String(props.analyticsShards) } : {}),
        ...(spec.measures === true ? { METRICS_NAMESPACE: names.metrics } : {}),
        ...props.environment,
      },
    });
  }
}
