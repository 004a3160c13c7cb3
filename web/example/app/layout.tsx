import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import { Header } from "@/components/header";
import { Providers } from "@/components/providers";
import { config } from "@/server/config";
import { mayBeSignedIn } from "@/server/session";
import "./globals.css";

export const metadata: Metadata = { title: { default: "gatecrumb example", template: "%s · gatecrumb example" } };
export const viewport: Viewport = { colorScheme: "light dark" };

export default async function Layout({ children }: { children: ReactNode }) {
  const signedOut = !(await mayBeSignedIn());
  return (
    <html lang="en">
      <body>
        <Providers signedOut={signedOut} cookieName={config().cookieName}>
          <Header />
          <main>{children}</main>
        </Providers>
      </body>
    </html>
  );
}
