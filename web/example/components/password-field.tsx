"use client";

import { useImperativeHandle, useRef, useState, type ComponentProps, type Ref } from "react";

interface Props extends Omit<ComponentProps<"input">, "type" | "ref"> {
  id: string;
  label: string;
  ref?: Ref<PasswordField>;
}

export interface PasswordField {
  /** Hides the password, so that the browser does not store it among the strings typed into text fields. */
  hide(): void;
}

/** A password, with a button that shows it. The focus and the caret stay where they are. */
export function PasswordField({ id, label, ref, ...rest }: Props) {
  const [shown, setShown] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useImperativeHandle(ref, () => ({ hide: () => setShown(false) }), []);

  function toggle() {
    setShown(!shown);
    const field = input.current;
    if (!field || document.activeElement !== field) return;
    const { selectionStart, selectionEnd } = field;
    // Chromium moves the caret to the start, but only after the type has changed.
    requestAnimationFrame(() => field.setSelectionRange(selectionStart, selectionEnd));
  }

  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="password">
        <input
          id={id}
          ref={input}
          type={shown ? "text" : "password"}
          autoCapitalize="none"
          spellCheck={false}
          {...rest}
        />
        <button
          type="button"
          aria-pressed={shown}
          aria-controls={id}
          onMouseDown={(event) => event.preventDefault()}
          onClick={toggle}
        >
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="M2 12s3.6-6.5 10-6.5S22 12 22 12s-3.6 6.5-10 6.5S2 12 2 12Z" />
            <circle cx="12" cy="12" r="3" />
            <path className="slash" d="m4 4 16 16" />
          </svg>
          <span className="visually-hidden">Show password</span>
        </button>
      </div>
    </div>
  );
}
