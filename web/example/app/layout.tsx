import { clientOptions } from "@gatecrumb/client/next";
import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import { Header } from "@/components/header";
import { Providers } from "@/components/providers";
import { notesOrigin } from "@/lib/notes-url";
import "./look.css";
import "./globals.css";

export const metadata: Metadata = { title: { default: "gatecrumb example", template: "%s · gatecrumb example" } };
export const viewport: Viewport = {
  colorScheme: "light dark",
  // `--paper` of look.css, so that the browser's own bars match the page's.
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#ffffff" },
    { media: "(prefers-color-scheme: dark)", color: "#201d1a" },
  ],
};

export default async function Layout({ children }: { children: ReactNode }) {
  const options = await clientOptions();
  return (
    <html lang="en">
      <body>
        <Providers options={options} notes={notesOrigin()}>
          <Header />
          <main>{children}</main>
        </Providers>
      </body>
    </html>
  );
}
