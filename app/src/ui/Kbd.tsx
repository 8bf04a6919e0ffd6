import { keyNames } from '~/lib/keys';

/** Keys to press, as they are written on the keyboard. */
export const Kbd = ({ keys }: { keys: string }) => (
  <span className="kbd">
    {keyNames(keys).map((name) => (
      <kbd key={name} className="kbd__key">
        {name}
      </kbd>
    ))}
  </span>
);
