import { clientOptions } from "@gatecrumb/client/next";
import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import { Header } from "@/components/header";
import { Providers } from "@/components/providers";
import "./globals.css";

export const metadata: Metadata = { title: { default: "gatecrumb example", template: "%s · gatecrumb example" } };
export const viewport: Viewport = { colorScheme: "light dark" };

export default async function Layout({ children }: { children: ReactNode }) {
  const options = await clientOptions();
  return (
    <html lang="en">
      <body>
        <Providers options={options}>
          <Header />
          <main>{children}</main>
        </Providers>
      </body>
    </html>
  );
}
