// A real browser, its real preflight, and pages that are not ours.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { launch, newContext, signIn } from "./harness/browser.mjs";
import { servePage } from "./harness/pages.mjs";
import { createStack, PASSWORD } from "./harness/stack.mjs";

let stack, browser, context;
const elsewhere = {};
before(async () => {
  stack = await createStack();
  browser = await launch();
  elsewhere["another site"] = await servePage("<p>elsewhere</p>", { host: "127.0.0.1" });
  elsewhere["another origin of the same site"] = await servePage("<p>elsewhere</p>");
});
after(async () => {
  for (const page of Object.values(elsewhere)) await page.stop();
  await browser?.close();
  await stack?.stop();
});
beforeEach(async () => {
  await context?.close();
  context = await newContext(browser);
  stack.gateway.takeSeen();
});

/** What a page there can do with `fetch`: the status it sees, or the error's name. */
async function attempt(page, url, init) {
  return page.evaluate(
    ([address, options]) =>
      fetch(address, { credentials: "include", ...options }).then(
        (a) => a.status || a.type,
        (e) => e.name,
      ),
    [url, init],
  );
}

const credentials = JSON.stringify({ username: "demo", password: PASSWORD });
const withPreflight = { method: "POST", headers: { "content-type": "application/json" }, body: credentials };
const withoutPreflight = { method: "POST", mode: "no-cors", body: credentials };

for (const site of ["another site", "another origin of the same site"]) {
  for (const way of ["api", "app"]) {
    test(`a page on ${site} can neither sign in, refresh nor sign out, by the ${way}`, async () => {
      const target = stack[way];
      const page = await context.newPage();
      await page.goto(elsewhere[site].origin);
      assert.equal(await attempt(page, `${target}/auth/login`, withPreflight), "TypeError");
      assert.deepEqual(stack.gateway.takeSeen(), ["OPTIONS login"], "the preflight was refused, nothing followed");
      assert.equal(await attempt(page, `${target}/auth/login`, withoutPreflight), "opaque");
      assert.deepEqual(await context.cookies(), [], "nobody signed in");

      const own = await signIn(context, stack.app);
      const before = await context.cookies();
      for (const path of ["refresh", "logout", "logout?everywhere=true"]) {
        assert.equal(await attempt(page, `${target}/auth/${path}`, { method: "POST" }), "TypeError", path);
        assert.equal(
          await attempt(page, `${target}/auth/${path}`, { method: "POST", mode: "no-cors" }),
          "opaque",
          path,
        );
      }
      assert.equal(await attempt(page, `${target}/auth/me`, {}), "TypeError", "nor read who is signed in");
      assert.deepEqual(await context.cookies(), before);
      await own.getByRole("button", { name: "Ask again" }).click();
      await own.getByText("Still you.").waitFor();
    });

    test(`a form on ${site} can neither sign in nor out, by the ${way}`, async () => {
      const own = await signIn(context, stack.app);
      const before = await context.cookies();
      for (const path of ["login", "refresh", "logout"]) {
        const page = await context.newPage();
        await page.goto(elsewhere[site].origin);
        const answer = page.waitForResponse((response) => response.url() === `${stack[way]}/auth/${path}`);
        await page.evaluate((action) => {
          const form = Object.assign(document.createElement("form"), { method: "post", action });
          document.body.append(form);
          setTimeout(() => form.submit()); // after this call, which a navigation would cut off
        }, `${stack[way]}/auth/${path}`);
        await page.waitForURL(`${stack[way]}/auth/${path}`);
        assert.equal((await answer).status(), 403, path);
        await (await answer).finished();
      }
      assert.deepEqual(await context.cookies(), before);
      await own.getByRole("button", { name: "Ask again" }).click();
      await own.getByText("Still you.").waitFor();
    });
  }
}
