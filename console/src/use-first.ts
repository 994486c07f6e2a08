import { useState } from 'react';

/** The first value there was, for a choice that must not jump while others change the list that it is the first of. */
export function useFirst<Value>(value: Value | undefined): Value | undefined {
  const [first, setFirst] = useState(value);
  if (first === undefined && value !== undefined) setFirst(value);
  return first ?? value;
}
