import type { Metadata } from "next";
import { headers } from "next/headers";
import { demoUser } from "@/lib/demo-user";
import { reasonText } from "@/lib/messages";
import { SignIn } from "./sign-in";

export const metadata: Metadata = { title: "Sign in" };

type Search = Promise<Record<string, string | string[] | undefined>>;

const single = (value: string | string[] | undefined) => (typeof value === "string" ? value : undefined);

/** Never redirects, whatever the cookies are. All redirects lead here, so none can loop. */
export default async function SignInPage({ searchParams }: { searchParams: Search }) {
  const { next, reason } = await searchParams;
  const demo = demoUser((await headers()).get("host"));
  return <SignIn next={single(next)} notice={reasonText(single(reason))} demo={demo} />;
}
