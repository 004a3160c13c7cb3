// Types of the part for Next.js, as an app uses it. `tsc` fails if an expected error does not occur.
import { createAuth, type User } from "@gatecrumb/client";
import {
  checkSettings,
  checkUser,
  clientOptions,
  createServerAuth,
  getUser,
  problemResponse,
  proxy,
  requireUser,
  withUser,
  type CheckedUser,
  type Problem,
  type ServerAuth,
  type TokenUser,
} from "@gatecrumb/client/next";
import type { NextProxy, NextRequest } from "next/server";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <T extends true>(_?: T) => {};

interface Staff extends User<"admin" | "editor"> {}
declare module "@gatecrumb/client" {
  interface Register {
    user: Staff;
  }
}

export const asProxy: NextProxy = proxy;

// Options accept what the environment gives, and nothing else.
declare const environment: { secret: string | undefined };
const own = createServerAuth({ proxySecret: environment.secret, verifyingKeys: { keys: [] }, allowedOrigins: [] });
is<Equal<typeof own, ServerAuth>>();
// @ts-expect-error a misspelled option
createServerAuth({ signinPath: "/login" });

export async function Page() {
  const user = await requireUser("/notes");
  is<Equal<typeof user, TokenUser>>();
  // The registered roles.
  is<Equal<typeof user.roles, ("admin" | "editor")[]>>();
  is<Equal<Awaited<ReturnType<typeof getUser>>, TokenUser | null>>();
  createAuth(await clientOptions());
  return <p>{user.expiresAt.toISOString()}</p>;
}

// As Next.js checks the exports of a route.
type Route<Context> = (request: NextRequest, context: Context) => Response | Promise<Response>;
interface Context {
  params: Promise<{ id: string }>;
}
export const GET: Route<Context> = withUser(({ id }) => Response.json({ id }));
export const POST: Route<Context> = withUser(async (user, request, { params }: Context) =>
  Response.json([user.sessionId, request.nextUrl.pathname, (await params).id]),
);
// @ts-expect-error a handler without a response
withUser(() => {});

export async function action(): Promise<Problem | string> {
  "use server";
  const { user, problem } = await checkUser();
  if (problem) return problem;
  is<Equal<typeof user, TokenUser>>();
  return user.id;
}
export async function handler(checked: CheckedUser): Promise<Response> {
  return checked.problem ? problemResponse(checked.problem) : Response.json(checked.user.roles);
}
is<Equal<ReturnType<typeof checkSettings>, void>>();
