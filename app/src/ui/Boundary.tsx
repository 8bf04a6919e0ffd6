import { Component, type ReactNode } from 'react';

/** Shows `fallback` where what is in it cannot be shown; all around it stays. React has such
 * boundaries as classes only. */
export class Boundary extends Component<
  { fallback: ReactNode; children: ReactNode },
  { isBroken: boolean }
> {
  override state = { isBroken: false };

  static getDerivedStateFromError(): { isBroken: boolean } {
    return { isBroken: true };
  }

  override render(): ReactNode {
    return this.state.isBroken ? this.props.fallback : this.props.children;
  }
}
