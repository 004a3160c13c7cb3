"use strict";
const $ = (id) => document.getElementById(id);
const MAX_RESPONSES = 20;
const VIEWS = ["checking", "again", "form", "signed-in"];

/** An element with a text. It never parses HTML, so that text from the API is safe. */
function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function visibleCookies() {
  return document.cookie.split("; ").filter(Boolean).map((pair) => pair.split("=")[0]);
}

/** Shows one of the views. If it replaces what had the focus, the heading gets the focus. */
function view(name, title = "Sign in") {
  const hadFocus = VIEWS.some((each) => each !== name && $(each).contains(document.activeElement));
  for (const each of VIEWS) $(each).hidden = each !== name;
  $("title").textContent = title;
  if (hadFocus) $("title").focus();
}

function clearMessages() {
  for (const id of ["status", "alert"]) $(id).hidden = true;
  for (const id of ["username", "password"]) $(id).removeAttribute("aria-invalid");
  $("username").removeAttribute("aria-describedby");
  $("password").setAttribute("aria-describedby", "where");
}

function say(text) {
  $("status").hidden = !text;
  $("status").textContent = text;
}

/** Shows why a request failed, and ties it to the fields. */
function fail({ status, body }) {
  const none = "No response. Is `gatecrumb serve` running?";
  $("alert").hidden = false;
  $("alert").textContent = status === 0 ? none : (body?.detail ?? body?.message ?? body?.title ?? `Status ${status}.`);
  for (const id of ["username", "password"]) {
    if (body?.code === "invalid_credentials") $(id).setAttribute("aria-invalid", "true");
    $(id).setAttribute("aria-describedby", id === "password" ? "alert where" : "alert");
  }
}

function record(method, path, status, millis, body) {
  const good = status >= 200 && status < 300;
  const line = element("div", "", "line");
  line.append(
    element("code", `${method} ${path}`),
    element("span", status || "no response", `code ${good ? "good" : "bad"}`),
    element("span", `${millis} ms`, "quiet"),
  );
  const item = element("li", "");
  item.append(line);
  if (body) item.append(element("pre", JSON.stringify(body, null, 2)));
  $("log").prepend(item);
  while ($("log").children.length > MAX_RESPONSES) $("log").lastChild.remove();
  $("none").hidden = true;
  $("visible").textContent = visibleCookies().join(", ") || "no cookie";
}

/** Sends one request. Resolves to its status and body; the status is 0 if there was no response. */
async function request(method, path, json) {
  const started = performance.now();
  const options = { method };
  if (json) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(json);
  }
  let status = 0;
  let body = null;
  try {
    const response = await fetch(path, options);
    status = response.status;
    const text = await response.text();
    body = text ? JSON.parse(text) : null;
  } catch {
    // No response, or one that is not JSON: its status is shown.
  }
  record(method, path, status, Math.round(performance.now() - started), body);
  return { status, body };
}

/** Gets the user. On any 401 except not_logged_in, refreshes once and tries again. */
async function currentUser() {
  let response = await request("GET", "/auth/me");
  if (response.status === 401 && response.body?.code !== "not_logged_in") {
    const refreshed = await request("POST", "/auth/refresh");
    if (refreshed.status !== 200) return refreshed;
    response = await request("GET", "/auth/me");
  }
  return response;
}

function showUser({ user, session }) {
  const time = (text) => new Date(text).toLocaleString();
  const facts = [
    ["Username", user.username],
    ["Roles", user.roles.join(", ") || "none"],
    ["Signed in", time(session.created_at)],
    ["Expires", time(session.expires_at)],
  ];
  const name = user.name || user.username;
  $("facts").replaceChildren(...facts.flatMap(([term, value]) => [element("dt", term), element("dd", value)]));
  $("avatar").textContent = [...name.trim()][0]?.toUpperCase() ?? "?";
  $("name").textContent = name;
  $("contact").textContent = user.email ?? user.username;
  view("signed-in", "You are signed in");
}

const signedOut = ({ status }) => status === 401 || status === 403;

/** Shows who is signed in, with `greeting`, or the form. */
async function show(greeting) {
  const response = await currentUser();
  if (response.status === 200) {
    showUser(response.body);
    say(greeting);
  } else if (signedOut(response)) {
    view("form");
    if (response.body?.code !== "not_logged_in") fail(response);
  } else {
    // Somebody may be signed in. Who is known already stays on the page.
    if ($("signed-in").hidden) view("again", "Not available right now");
    fail(response);
  }
}

let running = false;

/** Runs `work` unless another is running. The buttons stay focusable. A failure gets the focus, to be read first. */
async function busy(work) {
  if (running) return;
  running = true;
  const buttons = [...document.querySelectorAll("section button")];
  for (const button of buttons) button.setAttribute("aria-disabled", "true");
  clearMessages();
  try {
    await work();
  } finally {
    running = false;
    for (const button of buttons) button.removeAttribute("aria-disabled");
    if (!$("alert").hidden) $("alert").focus();
  }
}

$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  showPassword(false);
  busy(async () => {
    const credentials = { username: $("username").value, password: $("password").value };
    const response = await request("POST", "/auth/login", credentials);
    if (response.status !== 200) return fail(response);
    $("password").value = "";
    await show("");
  });
});

$("who").addEventListener("click", () => busy(() => show("You are still signed in.")));
$("again").addEventListener("click", () => busy(() => show("")));

$("refresh").addEventListener("click", () => busy(async () => {
  const response = await request("POST", "/auth/refresh");
  if (response.status === 200) return say(`New access token, valid for ${response.body.expires_in} s.`);
  if (signedOut(response)) view("form");
  fail(response);
}));

async function signOut(path, text) {
  const response = await request("POST", path);
  if (response.status !== 204) return fail(response);
  view("form");
  say(text);
}
$("sign-out").addEventListener("click", () => busy(() => signOut("/auth/logout", "You are signed out.")));
$("sign-out-all").addEventListener("click", () =>
  busy(() => signOut("/auth/logout?everywhere=true", "You are signed out everywhere.")));

/** The focus and the caret stay where they are. */
function showPassword(shown) {
  const field = $("password");
  const { selectionStart, selectionEnd } = field;
  field.type = shown ? "text" : "password";
  $("show-password").setAttribute("aria-pressed", String(shown));
  // Chromium moves the caret to the start, but only after the type has changed.
  if (document.activeElement === field) requestAnimationFrame(() => field.setSelectionRange(selectionStart, selectionEnd));
}
$("show-password").addEventListener("mousedown", (event) => event.preventDefault());
$("show-password").addEventListener("click", () => showPassword($("password").type === "password"));

$("visible").textContent = visibleCookies().join(", ") || "no cookie";
// Without the hint nobody is signed in, so no request is needed.
if (visibleCookies().some((name) => name.endsWith("gatecrumb-hint"))) {
  view("checking");
  busy(() => show(""));
} else {
  view("form");
}
