"use client";

import { AuthError } from "@gatecrumb/client";
import { useRef, useState } from "react";
import { messageOf } from "./messages";

/** Why an attempt failed: a message for users, and gatecrumb's code if it has one. */
export interface Failure {
  text: string;
  code: string | undefined;
}

/**
 * Runs one piece of work at a time. `attempt` resolves to whether it succeeded; a call while another is running does
 * nothing. Buttons use `aria-disabled={busy}` and not `disabled`, which would take the keyboard focus away.
 */
export function useAttempt() {
  const [state, setState] = useState<{ busy: boolean; failure?: Failure }>({ busy: false });
  const running = useRef(false);

  async function attempt(work: () => Promise<unknown>): Promise<boolean> {
    if (running.current) return false;
    running.current = true;
    setState({ busy: true });
    try {
      await work();
      setState({ busy: false });
      return true;
    } catch (error) {
      const code = error instanceof AuthError ? error.code : undefined;
      setState({ busy: false, failure: { text: messageOf(error), code } });
      return false;
    } finally {
      running.current = false;
    }
  }

  return { ...state, attempt };
}
