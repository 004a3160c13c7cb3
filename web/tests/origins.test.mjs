// Pages on other origins in a real browser, with real preflights.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { launch, newContext, signIn } from "./harness/browser.mjs";
import { servePage } from "./harness/pages.mjs";
import { startServers, PASSWORD } from "./harness/servers.mjs";

let servers, browser, context;
const elsewhere = {};
before(async () => {
  servers = await startServers();
  browser = await launch();
  elsewhere["another site"] = await servePage("<p>elsewhere</p>", { host: "127.0.0.1" });
  elsewhere["another origin of the same site"] = await servePage("<p>elsewhere</p>");
});
after(async () => {
  for (const page of Object.values(elsewhere)) await page.stop();
  await browser?.close();
  await servers?.stop();
});
beforeEach(async () => {
  await context?.close();
  context = await newContext(browser);
  servers.proxy.takeRequests();
});

/** The result of `fetch` in a page: the status or type of the response, or the name of the error. */
async function attempt(page, url, init) {
  return page.evaluate(
    ([address, options]) =>
      fetch(address, { credentials: "include", ...options }).then(
        (response) => response.status || response.type,
        (error) => error.name,
      ),
    [url, init],
  );
}

const credentials = JSON.stringify({ username: "demo", password: PASSWORD });
const withPreflight = { method: "POST", headers: { "content-type": "application/json" }, body: credentials };
const withoutPreflight = { method: "POST", mode: "no-cors", body: credentials };

for (const site of ["another site", "another origin of the same site"]) {
  for (const target of ["api", "app"]) {
    test(`a page on ${site} can neither sign in, refresh nor sign out, through the ${target}`, async () => {
      const auth = `${servers[target]}/auth`;
      const page = await context.newPage();
      await page.goto(elsewhere[site].origin);
      assert.equal(await attempt(page, `${auth}/login`, withPreflight), "TypeError");
      assert.deepEqual(
        servers.proxy.takeRequests(),
        ["OPTIONS login"],
        "the preflight was refused, and no request followed",
      );
      assert.equal(await attempt(page, `${auth}/login`, withoutPreflight), "opaque");
      assert.deepEqual(await context.cookies(), [], "nobody signed in");

      const own = await signIn(context, servers.app);
      const before = await context.cookies();
      for (const path of ["refresh", "logout", "logout?everywhere=true"]) {
        assert.equal(await attempt(page, `${auth}/${path}`, { method: "POST" }), "TypeError", path);
        assert.equal(await attempt(page, `${auth}/${path}`, { method: "POST", mode: "no-cors" }), "opaque", path);
      }
      assert.equal(await attempt(page, `${auth}/me`, {}), "TypeError", "nor can it read who is signed in");
      assert.deepEqual(await context.cookies(), before);
      await own.getByRole("button", { name: "Check again" }).click();
      await own.getByText("You are still signed in.").waitFor();
    });

    test(`a form on ${site} can neither sign in nor out, through the ${target}`, async () => {
      const own = await signIn(context, servers.app);
      const before = await context.cookies();
      for (const path of ["login", "refresh", "logout"]) {
        const page = await context.newPage();
        await page.goto(elsewhere[site].origin);
        const url = `${servers[target]}/auth/${path}`;
        const arrival = page.waitForResponse(url);
        await page.evaluate((action) => {
          const form = Object.assign(document.createElement("form"), { method: "post", action });
          document.body.append(form);
          setTimeout(() => form.submit()); // later, because a navigation would interrupt this call
        }, url);
        await page.waitForURL(url);
        const response = await arrival;
        assert.equal(response.status(), 403, path);
        await response.finished();
      }
      assert.deepEqual(await context.cookies(), before);
      await own.getByRole("button", { name: "Check again" }).click();
      await own.getByText("You are still signed in.").waitFor();
    });
  }
}
