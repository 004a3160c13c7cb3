// Every state in which a page of the example, or the page of `gatecrumb serve`, can be seen.
import { UNAVAILABLE } from "./api-proxy.mjs";
import { fillIn, newContext } from "./browser.mjs";
import { PASSWORD } from "./servers.mjs";

const LONG = "A".repeat(64);

/** Signs in without a page. Cookies ignore ports, so this holds for the example and for serve's page. */
export async function signInQuietly(context, servers) {
  const response = await context.request.post(`${servers.app}/auth/login`, {
    data: { username: "demo", password: PASSWORD },
  });
  if (!response.ok()) throw new Error(`login: ${response.status()}`);
}

const heading = (page, name) => page.getByRole("heading", { name }).first().waitFor();
const answerMe = (page, user) => page.route("**/auth/me", (route) => route.fulfill({ json: { user } }));

/** A state of the example: its path, whether `demo` is signed in, what happens before the page opens, and after. */
function example(name, path, { signedIn = false, before, after }) {
  return {
    name: `example, ${name}`,
    async open(page, servers) {
      if (signedIn) await signInQuietly(page.context(), servers);
      await before?.(page, servers);
      await page.goto(servers.app + path);
      await after?.(page, servers);
    },
  };
}

/** A state of serve's page. */
function serve(name, { signedIn = false, before, after }) {
  return {
    name: `serve, ${name}`,
    async open(page, servers) {
      if (signedIn) await signInQuietly(page.context(), servers);
      await before?.(page, servers);
      await page.goto(`${servers.api}/`);
      await after?.(page, servers);
    },
  };
}

const fail = (page, servers) => servers.proxy.setFault(UNAVAILABLE);

export const STATES = [
  example("home, signed out", "/", { after: (page) => heading(page, "Sign-in with httpOnly cookies") }),
  example("home, signed in", "/", {
    signedIn: true,
    after: (page) => page.getByRole("link", { name: "Open your profile" }).waitFor(),
  }),
  example("account menu", "/", {
    signedIn: true,
    after: async (page) => {
      await page.getByRole("button", { name: "Account menu" }).click();
      await page.getByRole("button", { name: "Sign out" }).waitFor();
    },
  }),
  example("account menu, failed sign-out", "/", {
    signedIn: true,
    after: async (page, servers) => {
      await page.getByRole("button", { name: "Account menu" }).click();
      fail(page, servers);
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.locator(".who").getByRole("alert").waitFor();
    },
  }),
  example("sign-in", "/sign-in", { after: (page) => page.getByLabel("Username").waitFor() }),
  example("sign-in, after the session ended", "/sign-in?reason=session_ended", {
    after: (page) => page.getByText("Your session has ended.").waitFor(),
  }),
  example("sign-in, wrong password, shown", "/sign-in", {
    after: async (page) => {
      await fillIn(page, "not the password");
      await page.getByRole("main").getByRole("alert").waitFor();
      await page.getByRole("button", { name: "Show password" }).click();
    },
  }),
  example("sign-in, signed in already", "/sign-in", {
    signedIn: true,
    after: (page) => heading(page, "You are signed in"),
  }),
  example("sign-in, loading", "/sign-in", {
    signedIn: true,
    before: (page) => page.route("**/auth/me", () => {}),
    after: (page) => heading(page, "Sign in"),
  }),
  example("server page", "/server", { signedIn: true, after: (page) => heading(page, "Access token") }),
  example("client page", "/client", { signedIn: true, after: (page) => page.locator("#username").waitFor() }),
  example("client page, checked", "/client", {
    signedIn: true,
    after: async (page) => {
      await page.getByRole("button", { name: "Check again" }).click();
      await page.getByText("You are still signed in.").waitFor();
    },
  }),
  example("client page, loading", "/client", {
    signedIn: true,
    before: (page) => page.route("**/auth/me", () => {}),
    after: (page) => page.getByText("Loading…").waitFor(),
  }),
  example("client page, unavailable", "/client", {
    signedIn: true,
    before: fail,
    after: (page) => page.getByRole("main").getByText("This does not sign you out.").waitFor(),
  }),
  example("client page, long names", "/client", {
    signedIn: true,
    before: (page) =>
      answerMe(page, { id: "1", username: LONG, name: LONG, email: `${LONG}@${LONG}.example`, roles: [LONG, LONG] }),
    after: async (page) => {
      await page.locator("#username").waitFor();
      await page.getByRole("button", { name: "Account menu" }).click();
    },
  }),
  example("server page, unavailable", "/server", {
    signedIn: true,
    before: async (page, servers) => {
      await page.context().clearCookies({ name: "gatecrumb-access" });
      fail(page, servers);
    },
    after: (page) => heading(page, "Not available right now"),
  }),
  // A response that the page does not expect.
  example("failed page", "/client", {
    signedIn: true,
    before: (page) => answerMe(page, { id: "1", username: "demo", name: null, email: null }),
    after: (page) => heading(page, "This page failed"),
  }),
  example("not found", "/no-such-page", { after: (page) => heading(page, "Page not found") }),

  serve("signed out", { after: (page) => page.getByLabel("Username").waitFor() }),
  serve("wrong password, shown", {
    after: async (page) => {
      await fillIn(page, "not the password");
      await page.getByRole("alert").waitFor();
      await page.getByRole("button", { name: "Show password" }).click();
    },
  }),
  serve("signed in", {
    signedIn: true,
    after: async (page) => {
      await page.getByRole("button", { name: "Who am I?" }).click();
      await page.getByText("You are still signed in.").waitFor();
    },
  }),
  serve("signed out again", {
    signedIn: true,
    after: async (page) => {
      await page.getByRole("button", { name: "Sign out", exact: true }).click();
      await page.getByText("You are signed out.").waitFor();
    },
  }),
  serve("loading", {
    signedIn: true,
    before: (page) => page.route("**/auth/me", () => {}),
    after: (page) => page.locator("#checking").waitFor(),
  }),
  serve("unavailable", {
    signedIn: true,
    before: (page) => page.route("**/auth/me", (route) => route.fulfill(UNAVAILABLE)),
    after: (page) => page.getByRole("button", { name: "Try again" }).waitFor(),
  }),
];

/** Opens a state in a context of its own, runs `work` with its page, and closes it. */
export async function inState(state, { browser, servers }, work) {
  const context = await newContext(browser, { viewport: { width: 1280, height: 800 } });
  servers.proxy.setFault(undefined);
  try {
    const page = await context.newPage();
    await state.open(page, servers);
    await work(page);
  } finally {
    servers.proxy.setFault(undefined);
    await context.close();
  }
}
