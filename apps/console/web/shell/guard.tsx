import { Alert, Button, Stack } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { texts } from '../texts/index.ts';

/** Shows a way on where a page broke, and keeps the rest of the console alive. */
export class Guard extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    return (
      <Stack align="flex-start">
        <Alert color="red" title={texts.common.failed} w="100%">
          {texts.common.broken}
        </Alert>
        <Button onClick={() => location.reload()}>{texts.common.reload}</Button>
      </Stack>
    );
  }
}
