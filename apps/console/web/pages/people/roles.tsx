import { Checkbox, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Input } from '../../api/operations.ts';
import { texts } from '../../texts/index.ts';

const words = texts.people;

/** A role that a user may have. */
export type Role = Input<'addUser'>['body']['roles'][number];

/** Chooses roles, with what each is for. */
export function RoleBoxes({
  chosen,
  onChange,
  disabled = false,
}: {
  chosen: readonly Role[];
  onChange: (roles: Role[]) => void;
  disabled?: boolean;
}): ReactNode {
  return (
    <Checkbox.Group
      label={words.form.roles}
      value={[...chosen]}
      onChange={(roles) => onChange(roles as Role[])}
      disabled={disabled}
    >
      <Stack gap="sm" mt="xs">
        {Object.entries(words.roleHints).map(([role, hint]) => (
          <Checkbox key={role} value={role} label={texts.shell.roles[role]} description={hint} disabled={disabled} />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
