/** An error reply as DynamoDB sends it: SDKs find the exception's class by the end of `__type`. */
export interface WireError {
  readonly status: number;
  readonly body: {
    readonly __type: string;
    /** DynamoDB spells this with a capital in some replies; SDKs read either. */
    readonly message?: string;
    readonly Message?: string;
    readonly CancellationReasons?: readonly CancellationReason[];
  };
}

/** Why one item of a transaction stopped it; `None` for an item that did not. */
export interface CancellationReason {
  readonly Code: string;
  readonly Message?: string;
}

const DYNAMODB = 'com.amazonaws.dynamodb.v20120810';

const NO_REASON: CancellationReason = { Code: 'None' };
const THROUGHPUT_EXCEEDED =
  'The level of configured provisioned throughput for the table was exceeded. ' +
  'Consider increasing your provisioning level with the UpdateTable API.';
const CAPACITY_EXCEEDED =
  'Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or ' +
  'index so please try again shortly. If exceptions persist, check if you have a hot key: ' +
  'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html';

/** Reasons by what happened to an item. */
export const REASONS = {
  conflict: { Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' },
  'item-throttle': { Code: 'ThrottlingError', Message: CAPACITY_EXCEEDED },
  'condition-failed': { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' },
} as const;

/** The same, for a request that writes a single item outside a transaction. */
export const SINGLE_ITEM_ERRORS = {
  conflict: error(400, `${DYNAMODB}#TransactionConflictException`, REASONS.conflict.Message),
  'item-throttle': throttled('ThrottlingException'),
  'condition-failed': error(
    400,
    `${DYNAMODB}#ConditionalCheckFailedException`,
    REASONS['condition-failed'].Message,
  ),
} as const;

export function throttled(
  exception: 'ProvisionedThroughputExceededException' | 'ThrottlingException',
): WireError {
  return exception === 'ThrottlingException'
    ? error(400, `${DYNAMODB}#ThrottlingException`, CAPACITY_EXCEEDED)
    : error(400, `${DYNAMODB}#ProvisionedThroughputExceededException`, THROUGHPUT_EXCEEDED);
}

/** @param reasonOf the reason of the item at an index, or undefined for one that did not stop the transaction */
export function transactionCancelled(
  items: number,
  reasonOf: (index: number) => CancellationReason | undefined,
): WireError {
  const reasons = Array.from({ length: items }, (_, index) => reasonOf(index) ?? NO_REASON);
  const codes = reasons.map((reason) => reason.Code).join(', ');
  return {
    status: 400,
    body: {
      __type: `${DYNAMODB}#TransactionCanceledException`,
      CancellationReasons: reasons,
      Message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    },
  };
}

export function internalError(): WireError {
  return error(500, `${DYNAMODB}#InternalServerError`, 'Internal server error');
}

export function accessDenied(message: string): WireError {
  return {
    status: 400,
    body: { __type: 'com.amazon.coral.service#AccessDeniedException', Message: message },
  };
}

export function unrecognizedClient(): WireError {
  return error(
    400,
    'com.amazon.coral.service#UnrecognizedClientException',
    'The security token included in the request is invalid.',
  );
}

export function missingToken(): WireError {
  return error(
    400,
    'com.amazon.coral.service#MissingAuthenticationTokenException',
    'Request is missing Authentication Token',
  );
}

export function unreadableBody(message: string): WireError {
  return error(400, 'com.amazon.coral.service#SerializationException', message);
}

function error(status: number, type: string, message: string): WireError {
  return { status, body: { __type: type, message } };
}
