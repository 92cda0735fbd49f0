import { Button, Group, List, Modal, Stack, TextInput, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type ReactNode, useEffect, useState } from 'react';
import type { Problem } from '../api/problem.ts';
import { texts } from '../texts/index.ts';
import { ProblemNote } from './problem.tsx';

const words = texts.agreements.act;

/**
 * A decision that binds: a button, then what will happen, then a second click.
 * @param go what the second click says; as the first, if absent
 * @param reason whether a reason in words is asked for
 * @param word that has to be typed first, for what cannot be undone
 * @param done whether it has happened: the dialogue closes
 */
export function Confirm({
  label,
  title,
  what,
  go = label,
  reason = false,
  word,
  tone = 'default',
  pending,
  error,
  done,
  onConfirm,
}: {
  label: string;
  title: string;
  what: readonly string[];
  go?: string;
  reason?: boolean;
  word?: string;
  tone?: 'default' | 'primary' | 'danger';
  pending: boolean;
  error: Problem | null;
  done: boolean;
  onConfirm: (reason: string) => void;
}): ReactNode {
  const [opened, { open, close }] = useDisclosure();
  const [why, setWhy] = useState('');
  const [typed, setTyped] = useState('');
  useEffect(() => {
    if (done) close();
  }, [done]);
  const ready = (!reason || why.trim() !== '') && (word === undefined || typed === word);
  const colour = tone === 'danger' ? { color: 'red.8' } : {};
  return (
    <>
      <Button variant={tone === 'primary' ? 'filled' : 'default'} onClick={open}>
        {label}
      </Button>
      {/* Locking the page's scroll would put a style without a nonce into it, which its policy does not take. */}
      <Modal.Root opened={opened} onClose={close} centered lockScroll={false} transitionProps={{ duration: 0 }}>
        <Modal.Overlay />
        <Modal.Content aria-label={title}>
          <Modal.Body p="lg">
            <Stack>
              <Title order={2} fz={18}>
                {title}
              </Title>
              <List size="sm" spacing={6}>
                {what.map((sentence) => (
                  <List.Item key={sentence}>{sentence}</List.Item>
                ))}
              </List>
              {reason ? (
                <TextInput
                  label={words.reason}
                  description={words.reasonHint}
                  required
                  maxLength={500}
                  value={why}
                  onChange={(event) => setWhy(event.currentTarget.value)}
                />
              ) : null}
              {word === undefined ? null : (
                <TextInput
                  label={words.type(word)}
                  autoComplete="off"
                  value={typed}
                  onChange={(event) => setTyped(event.currentTarget.value)}
                />
              )}
              <ProblemNote error={error} />
              <Group justify="flex-end">
                <Button variant="default" onClick={close}>
                  {texts.common.cancel}
                </Button>
                <Button {...colour} disabled={!ready} loading={pending} onClick={() => onConfirm(why.trim())}>
                  {go}
                </Button>
              </Group>
            </Stack>
          </Modal.Body>
        </Modal.Content>
      </Modal.Root>
    </>
  );
}
