"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { AccountMenu } from "./account-menu";

const PAGES = [
  ["/server", "Server"],
  ["/client", "Client"],
] as const;

export function Header() {
  const path = usePathname();
  return (
    <header className="bar">
      <Link className="brand" href="/" aria-current={path === "/" ? "page" : undefined}>
        <img src="/icon.svg" alt="" width={32} height={32} />
        <span className="wide">gatecrumb</span>
      </Link>
      <nav aria-label="Pages">
        {PAGES.map(([href, name]) => (
          // No prefetch: for a protected page it could cause a refresh, or a redirect that the router then caches.
          <Link key={href} href={href} prefetch={false} aria-current={path === href ? "page" : undefined}>
            {name}
            <span className="wide">&nbsp;page</span>
          </Link>
        ))}
      </nav>
      <AccountMenu path={path} />
    </header>
  );
}
