import type { UserId } from '../domain/ids.ts';
import type { StudentState } from '../domain/states.ts';

/** Who a student is, as far as is known: there may be no row yet. */
export interface PersonView {
  readonly userId: UserId;
  readonly name?: string;
  readonly email?: string;
  readonly joinedAt?: string;
}

/** A student as the own profile and the admins' pages show them. */
export function personView(userId: UserId, student: StudentState | undefined): PersonView {
  const { name, email, joinedAt } = student ?? {};
  return {
    userId,
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
    ...(joinedAt !== undefined && { joinedAt }),
  };
}
