/** The sign-in page, which leads back to `next`. */
export function signInUrl(next: string, reason?: string): string {
  return `/sign-in?${new URLSearchParams({ next, ...(reason && { reason }) })}`;
}
