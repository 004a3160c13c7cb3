// Cookies are parsed exactly as browsers write them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { cookieValues, mergeCookies } from "../dist/next/cookies.js";

const NAME = "__Host-gatecrumb-access";
const values = (header) => cookieValues(header, NAME);

test("only SP and HTAB are trimmed from names and values", () => {
  for (let point = 0; point <= 0x10ffff; point++) {
    const odd = String.fromCodePoint(point);
    if (odd === ";") continue;
    const blank = odd === " " || odd === "\t";
    const at = `U+${point.toString(16)}`;
    assert.deepEqual(values(`${odd}${NAME}=a`), blank ? ["a"] : [], `${at} before the name`);
    if (odd !== "=") assert.deepEqual(values(`${NAME}${odd}=a`), blank ? ["a"] : [], `${at} after the name`);
    const visible = odd > " " && odd <= "~";
    assert.deepEqual(values(`${NAME}=${odd}a`), blank ? ["a"] : visible ? [`${odd}a`] : [], `${at} before the value`);
    assert.deepEqual(values(`${NAME}=a${odd}`), blank ? ["a"] : visible ? [`a${odd}`] : [], `${at} after the value`);
  }
});

test("a cookie without a name never matches, and names are compared byte for byte", () => {
  for (const header of [NAME, `=${NAME}=a`, `x=${NAME}=a`, `${NAME.toLowerCase()}=a`, `"${NAME}"=a`, "", null]) {
    assert.deepEqual(values(header), [], header);
  }
  assert.deepEqual(values(`a=1;\t${NAME} = b=c ; ${NAME}="d"; ${NAME}=b=c`), ["b=c", '"d"'], "each value once");
  assert.deepEqual(values(`${"x=1; ".repeat(500)}${NAME}=${"x; ".concat(NAME, "=").repeat(200)}good`).at(-1), "good");
});

test("a merged header has the new cookies and leaves the others unchanged", () => {
  const header = `a=1; ${NAME}=old; nameless; \u2000${NAME}=b; ${NAME} =older; c="é d"`;
  const merged = mergeCookies(header, [`${NAME}=new; Path=/; HttpOnly`, "gone=; Max-Age=0"]);
  assert.equal(merged, `a=1; nameless; \u2000${NAME}=b; c="é d"; ${NAME}=new`);
  assert.equal(mergeCookies("gone=1; a=2", ["gone=; Max-Age=0"]), "a=2");
  assert.equal(mergeCookies(null, [`${NAME}=new`]), `${NAME}=new`);
});
