import { Component, type ReactNode } from 'react';
import { messageOf } from './message-of.ts';

interface ErrorBoundaryProps {
  readonly fallback: (message: string) => ReactNode;
  readonly children: ReactNode;
}

/** Keeps the rest of the console when one page fails. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { readonly message?: string }> {
  override state: { readonly message?: string } = {};

  static getDerivedStateFromError(error: unknown): { readonly message: string } {
    return { message: messageOf(error) };
  }

  override render(): ReactNode {
    const { message } = this.state;
    return message === undefined ? this.props.children : this.props.fallback(message);
  }
}
