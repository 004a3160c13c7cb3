import type { Metadata } from "next";
import { reasonText } from "@/lib/messages";
import { SignInForm } from "./form";

export const metadata: Metadata = { title: "Sign in" };

type Search = Promise<Record<string, string | string[] | undefined>>;

const single = (value: string | string[] | undefined) => (typeof value === "string" ? value : undefined);

/** Never redirects, whatever the cookies are. All redirects lead here, so none can loop. */
export default async function SignIn({ searchParams }: { searchParams: Search }) {
  const { next, reason } = await searchParams;
  return <SignInForm next={single(next)} notice={reasonText(single(reason))} />;
}
