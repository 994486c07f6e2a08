import { useEffect } from 'react';
import { go, useRoute } from './route.ts';
import { useLiveView } from './school.ts';

/** Chooses a student where anybody can be one and the address names none: somebody has to be, on any page. */
export function StudentInRoute() {
  const route = useRoute();
  const first = useLiveView('AdminStudents')?.data.students[0]?.userId;
  useEffect(() => {
    if (route.student === undefined && first !== undefined) go({ ...route, student: first });
  }, [route, first]);
  return null;
}
