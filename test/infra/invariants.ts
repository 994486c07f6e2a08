import * as access from './checks/access.ts';
import * as http from './checks/http.ts';
import * as safety from './checks/safety.ts';
import * as streams from './checks/streams.ts';
import type { Check } from './model.ts';

/** What holds for every resource of the template, in the words of a test title. */
export const invariants: readonly { readonly rule: string; readonly check: Check }[] = [
  { rule: 'has exactly one route for every operation', check: http.everyOperationHasOneRoute },
  { rule: 'answers every operation by a function of its own', check: http.everyOperationHasItsOwnFunction },
  {
    rule: 'asks for a token on every route but the public ones',
    check: http.everyRouteButThePublicIsGuarded,
  },
  {
    rule: 'throttles and logs every call without personal data',
    check: http.everyStageIsThrottledAndLogsNoPersonalData,
  },
  {
    rule: 'retries, bisects, gives up and keeps what fails on every mapping',
    check: streams.everyMappingGivesUpInTime,
  },
  { rule: 'has at most two consumers on a stream', check: streams.noStreamHasThreeConsumers },
  { rule: 'has a stream exactly where one is followed', check: streams.everyStreamIsFollowed },
  { rule: 'never leads a stream back to its table', check: streams.streamsFlowOneWay },
  { rule: 'raises an alarm for whatever can happen to a consumer', check: streams.everyConsumerIsWatched },
  { rule: 'gives every role its grants and no more', check: access.everyRoleHoldsItsGrantsAndNoMore },
  { rule: 'gives every function a role of its own', check: access.everyFunctionHasARoleOfItsOwn },
  { rule: 'registers whoever signs up', check: access.everyTriggerMayBeCalled },
  { rule: 'lets every schedule wake its function alone', check: access.everyScheduleMayCallItsFunctionAlone },
  { rule: 'has no wildcard that is not explained', check: access.everyWildcardIsExplained },
  { rule: 'lets nobody in by the policy of a resource', check: access.noResourcePolicyLetsAnybodyIn },
  {
    rule: 'lets the ledger and its sums be written inside transactions only',
    check: access.aggregatesAreWrittenInTransactionsOnly,
  },
  { rule: 'lets only the signed-in subscribe', check: access.onlyTheSignedInSubscribe },
  { rule: 'keeps every table, whatever happens to the stack', check: safety.everyTableIsKept },
  {
    rule: 'calls the tables by the names of the requirement',
    check: safety.tablesHaveTheNamesOfTheRequirement,
  },
  { rule: 'closes every bucket', check: safety.everyBucketIsClosed },
  { rule: 'gives every queue a dead-letter queue', check: safety.everyQueueHasADeadLetterQueue },
  { rule: 'keeps every scheduled event that fails', check: safety.everyScheduledEventIsKept },
  { rule: 'ends every log', check: safety.everyLogEnds },
  { rule: 'logs no content of events', check: safety.realtimeLogsErrorsWithoutContent },
  { rule: 'says the impact in every alarm', check: safety.everyAlarmSaysItsImpact },
  { rule: 'lets somebody hear of a payment that is not taken', check: safety.everyRefusedPaymentIsHeard },
  { rule: 'lets somebody hear of given-up records that lie', check: safety.everyFailedRecordIsHeardOf },
  { rule: 'shows every figure of sync health', check: safety.everyFigureOfHealthIsShown },
  { rule: 'bounds every function', check: safety.everyFunctionIsBounded },
  { rule: 'lets nobody make themselves an admin', check: safety.nobodyMakesThemselvesAdmin },
];
