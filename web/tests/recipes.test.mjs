// The recipes for Node.js of docs/verify-elsewhere.md, as the document contains them, against every request that the
// authorizers deny or allow. .ci/verifiers.py does the same for Python.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const root = new URL("../../", import.meta.url);
const LIBRARIES = ["jose", "aws-jwt-verify"];

/** The code blocks of the document that have a file name. */
async function recipes() {
  const document = await readFile(new URL("docs/verify-elsewhere.md", root), "utf8");
  return [...document.matchAll(/^```js (\S+\.mjs)\n(.*?)^```$/gms)].map(([, name, code]) => ({ name, code, document }));
}

/** The rows that the document says the recipes do not deny. */
function exceptions(document) {
  const section = /^## What the recipes do not deny\n(.*?)^## /ms.exec(document)[1];
  const names = [...section.matchAll(/`([\w-]+)`/g)].map(([, name]) => name);
  return names.flatMap((name) => [`deny-${name}`, `deny-bearer-${name}`]).sort();
}

async function rows() {
  const folder = new URL("events/authorizer/", root);
  const json = async (name) => JSON.parse(await readFile(new URL(name, folder), "utf8"));
  const files = (await readdir(folder)).filter((name) => name.endsWith(".answer.json"));
  return Promise.all(
    files.map(async (file) => {
      const name = file.replace(".answer.json", "");
      const [event, answer] = [await json(`${name}.json`), await json(file)];
      const cookie = event.cookies?.join("; ");
      const headers = { ...event.headers, ...(cookie && { cookie }) };
      const method = event.requestContext.http.method;
      return { name, request: { method, headers }, allowed: answer.isAuthorized };
    }),
  );
}

let folder, document;
before(async () => {
  const parameters = JSON.parse(await readFile(new URL("events/env.json", root), "utf8")).Parameters;
  for (const name of ["ISSUER", "VERIFYING_KEYS", "ALLOWED_ORIGINS"]) process.env[name] = parameters[name];
  // In node_modules, which git and prettier ignore, and from where the libraries are found.
  folder = await mkdtemp(new URL("web/node_modules/.recipes-", root).pathname);
  const files = await recipes();
  document = files[0].document;
  for (const { name, code } of files) await writeFile(join(folder, name), code);
});
after(() => rm(folder, { recursive: true, force: true }));

for (const library of LIBRARIES) {
  test(`${library} decides every row as the authorizers do, except those in the document`, async () => {
    const { user } = await import(join(folder, `${library}.mjs`));
    const all = await rows();
    assert.ok(all.some(({ allowed }) => allowed) && all.some(({ allowed }) => !allowed));
    const different = [];
    for (const { name, request, allowed } of all) {
      const claims = await user(request);
      if ((claims !== undefined) !== allowed) different.push(name);
      else if (allowed) assert.deepEqual([claims.sub, claims.sid], ["me", "me"], name);
    }
    assert.deepEqual(different.sort(), exceptions(document));
  });
}
