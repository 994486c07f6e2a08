import type { WaiverState } from '../domain/states.ts';
import type { WaiverView } from './students.ts';

/** A waiver as admins see it. */
export function waiverView(waiver: WaiverState): WaiverView {
  const { userId, courseId, itemId, waived, reason, waivedBy, waivedAt, version } = waiver;
  return { userId, courseId, itemId, waived, reason, waivedBy, waivedAt, version };
}
