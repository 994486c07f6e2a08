import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import type { Reply } from '../../shared/client/api.ts';
import { choicesFor } from './found-people.ts';
import { useLiveView } from './school.ts';
import type { Session } from './session.ts';

interface Person {
  readonly userId: string;
  readonly name?: string | undefined;
}

/** Letters that a search takes at least. */
const LEAST_LETTERS = 2;

interface StudentPickerProps {
  readonly admin: Session;
  readonly value: string | undefined;
  readonly onChange: (userId: string) => void;
  /** Whether it is a field among others, under its name. */
  readonly labelled?: boolean;
}

/** Picks a student, from the first page of all or by the beginning of a name or an address. */
export function StudentPicker({ admin, value, onChange, labelled = false }: StudentPickerProps) {
  const [search, setSearch] = useState('');
  const firstPage = useLiveView('AdminStudents')?.data.students ?? [];
  const found = useFound(admin, search);
  const people = new Map<string, Person>(
    [...(value === undefined ? [] : [{ userId: value }]), ...found.students, ...firstPage].map((person) => [
      person.userId,
      person,
    ]),
  );
  const foundIds = { search: found.search, userIds: found.students.map((person) => person.userId) };
  return (
    <Select
      {...(labelled ? { label: 'Student' } : { 'aria-label': 'Student', w: 230 })}
      placeholder="Choose a student"
      data={[...people.values()].map((person) => ({ value: person.userId, label: labelOf(person) }))}
      value={value ?? null}
      onChange={(chosen) => chosen !== null && onChange(chosen)}
      searchable
      filter={({ options, search: typed }) =>
        choicesFor(
          typed,
          options.flatMap((option) => ('value' in option ? [option] : [])),
          foundIds,
        )
      }
      onSearchChange={setSearch}
      nothingFoundMessage="Nobody’s name or address begins so"
      allowDeselect={false}
      maxDropdownHeight={320}
      size="xs"
    />
  );
}

function labelOf({ userId, name }: Person): string {
  return name === undefined ? userId : `${name} (${userId})`;
}

interface FoundPeople {
  readonly search: string;
  readonly students: Reply<'get-admin-students'>['students'];
}

function useFound(admin: Session, search: string): FoundPeople {
  const [asked] = useDebouncedValue(search.trim(), 250);
  const [found, setFound] = useState<FoundPeople>({ search: '', students: [] });
  useEffect(() => {
    // A label that was picked is what the box holds too, and nobody's name.
    if (asked.length < LEAST_LETTERS || asked.includes('(')) return undefined;
    const ending = new AbortController();
    admin.api.call('get-admin-students', { query: { search: asked }, signal: ending.signal }).then(
      ({ body }) => setFound({ search: asked, students: body.students }),
      // The list of all is still there to choose from.
      () => undefined,
    );
    return () => ending.abort();
  }, [admin, asked]);
  return found;
}
