import type { ComponentProps, ReactNode } from 'react';
import { Link } from 'wouter';

import { ariaKeys } from '~/lib/keys';
import { formatCount } from '~/text';

import { classes } from './classes';
import { Spinner } from './Spinner';
import { Tooltip, type Side } from './Tooltip';

export type ButtonVariant = 'primary' | 'plain' | 'quiet' | 'danger';

export interface ButtonProps extends ComponentProps<'button'> {
  variant?: ButtonVariant | undefined;
  small?: boolean | undefined;
  busy?: boolean | undefined;
  icon?: ReactNode;
}

const look = (variant: string, small: boolean | undefined, more?: string) =>
  classes('button', `button--${variant}`, small && 'button--small', more);

const Icon = ({ children }: { children: ReactNode }) =>
  children ? (
    <span className="button__icon" aria-hidden>
      {children}
    </span>
  ) : null;

export function Button(props: ButtonProps) {
  const { variant = 'plain', small, busy, icon, className, children, onClick, ...rest } = props;
  return (
    <button
      type="button"
      {...rest}
      className={look(variant, small, className)}
      aria-busy={busy || undefined}
      aria-disabled={busy || rest['aria-disabled']}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      <Icon>{busy ? <Spinner /> : icon}</Icon>
      {children}
    </button>
  );
}

export interface LinkButtonProps {
  href: string;
  variant?: ButtonVariant | undefined;
  small?: boolean | undefined;
  icon?: ReactNode;
  className?: string | undefined;
  children: ReactNode;
  'aria-label'?: string | undefined;
}

export const LinkButton = (props: LinkButtonProps) => {
  const { href, variant = 'plain', small, icon, className, children } = props;
  return (
    <Link href={href} className={look(variant, small, className)} aria-label={props['aria-label']}>
      <Icon>{icon}</Icon>
      {children}
    </Link>
  );
};

export interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children'> {
  label: string;
  icon: ReactNode;
  pressed?: boolean | undefined;
  danger?: boolean | undefined;
  keys?: string | undefined;
  badge?: number | boolean | undefined;
  variant?: 'plain' | 'quiet' | 'solid' | undefined;
  small?: boolean | undefined;
  busy?: boolean | undefined;
  side?: Side | undefined; // of the tooltip
}

const IconBadge = ({ badge }: { badge: number | boolean | undefined }) =>
  badge ? (
    <span className={classes('icon-button__badge', badge === true && 'icon-button__badge--dot')}>
      {badge === true ? null : formatCount(badge)}
    </span>
  ) : null;

/** A button without words: `label` is its name and its tooltip. */
export function IconButton(props: IconButtonProps) {
  const { label, icon, pressed, danger, keys, badge, variant = 'quiet' } = props;
  const { label: _1, icon: _2, pressed: _3, danger: _4, keys: _5, badge: _6, ...others } = props;
  const { variant: _7, small, busy, side, className, onClick, ...rest } = others;
  return (
    <Tooltip text={label} keys={keys} side={side} isName>
      <button
        type="button"
        aria-label={label}
        aria-pressed={pressed}
        aria-keyshortcuts={keys && ariaKeys(keys)}
        aria-busy={busy || undefined}
        aria-disabled={busy || rest['aria-disabled']}
        {...rest}
        onClick={busy ? (event) => event.preventDefault() : onClick}
        className={classes(
          'icon-button',
          `icon-button--${variant}`,
          small && 'icon-button--small',
          danger && 'icon-button--danger',
          className,
        )}
      >
        <span className="icon-button__icon" aria-hidden>
          {busy ? <Spinner /> : icon}
        </span>
        <IconBadge badge={badge} />
      </button>
    </Tooltip>
  );
}
