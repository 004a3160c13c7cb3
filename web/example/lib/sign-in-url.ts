/** The URL of the sign-in page, which returns to `next`. */
export function signInUrl(next: string, reason?: string): string {
  return `/sign-in?${new URLSearchParams({ next, ...(reason && { reason }) })}`;
}
