import { ENGINE_ACCESS } from '../dynamodb/engine.ts';
import type { Gate } from '../dynamodb/gate.ts';
import { isAllowed } from '../iam/iam-policy.ts';
import type { Invoker } from '../lambda/invoke.ts';
import { accessKeyIdFor, type Principal } from '../iam/principals.ts';
import type { SynthesisedTemplate } from '../template/resource.ts';
import { createStreamsApi } from './stream-api.ts';
import type { DeliveryMode, PollerEvent } from './stream-delivery.ts';
import { parseStreamMapping } from './stream-mapping.ts';
import { startStreamPoller, type StreamPoller } from './stream-poller.ts';
import type { Intercept } from './stream-shards.ts';
import type { TtlSweep } from '../dynamodb/ttl-sweep.ts';

/** What the mappings of a template need of the stack around them. */
export interface MappingsOptions {
  readonly template: SynthesisedTemplate;
  readonly engineEndpoint: string;
  readonly gate: Gate;
  readonly principals: ReadonlyMap<string, Principal>;
  readonly invoke: Invoker['invoke'];
  readonly failureFolder: string;
  readonly checkpointFolder?: string;
  readonly delivery?: DeliveryMode;
  readonly seed?: number;
  readonly ttlSweep: TtlSweep;
  readonly intercept?: (mappingLogicalId: string) => Intercept | undefined;
  readonly onEvent?: (mappingLogicalId: string, event: PollerEvent) => void;
}

/** Rarely, as the gate tells of every write: polling only finds what was written past the gate. */
const POLL_INTERVAL_MS = 1000;

/** As Lambda polls: under lasting traffic, records gather so long and share an invocation. */
const LONGEST_GAP_MS = 250;

/**
 * Runs every event source mapping of the template. The gate wakes a mapping after each write to its table, so
 * that nothing waits for the next poll. A disabled mapping is not run.
 */
export function startMappings(options: MappingsOptions): StreamPoller[] {
  const { template, gate, principals, invoke, intercept, onEvent } = options;
  const streams = createStreamsApi({ endpoint: options.engineEndpoint, ...ENGINE_ACCESS });
  const pollers = template
    .resources('AWS::Lambda::EventSourceMapping')
    .map(parseStreamMapping)
    .filter((mapping) => mapping.enabled)
    .map((mapping) => {
      const statements = principals.get(accessKeyIdFor(mapping.functionName))?.statements ?? [];
      return startStreamPoller({
        mapping,
        streams,
        invoke: (event) => invoke(mapping.functionName, event),
        failureFolder: options.failureFolder,
        isSwept: options.ttlSweep.isSwept,
        pollIntervalMs: POLL_INTERVAL_MS,
        longestGapMs: LONGEST_GAP_MS,
        authorise: (action, resource) => isAllowed(statements, { action, resource, context: {} }),
        ...(options.delivery !== undefined && { delivery: options.delivery }),
        ...(options.seed !== undefined && { seed: options.seed }),
        ...(options.checkpointFolder !== undefined && { checkpointFolder: options.checkpointFolder }),
        ...(intercept !== undefined && { intercept: intercept(mapping.logicalId) }),
        onEvent: (event) => onEvent?.(mapping.logicalId, event),
      });
    });
  gate.onWrite((tableName) => {
    for (const poller of pollers) {
      if (poller.mapping.tableName === tableName) poller.wake();
    }
  });
  return pollers;
}
