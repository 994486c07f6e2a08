import { useEffect } from 'react';
import { go, useRoute } from './route.ts';
import { useLiveView } from './school.ts';

/** Chooses the course of the detail where the address names none: one that the student is in, else any. */
export function CourseInRoute() {
  const route = useRoute();
  const courses = useLiveView('StudentCourses')?.data.courses;
  useEffect(() => {
    if (route.course !== undefined || courses === undefined) return;
    const chosen = courses.find(({ enrollment }) => enrollment?.status === 'active') ?? courses[0];
    if (chosen !== undefined) go({ ...route, course: chosen.courseId });
  }, [route, courses]);
  return null;
}
