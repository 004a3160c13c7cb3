"use client";

import { useEffect, useRef } from "react";

/** Shown instead of a page that failed. Its text never includes the error, which is for the console or a log. */
export default function ErrorPage({ error, retry }: { error: unknown; retry: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    console.error(error);
    heading.current?.focus();
  }, [error]);
  return (
    <section className="narrow">
      <h1 ref={heading} tabIndex={-1}>
        This page failed
      </h1>
      <p>You are not signed out.</p>
      <p>
        <button type="button" className="main" onClick={() => retry()}>
          Try again
        </button>
      </p>
    </section>
  );
}
