// A client for the WebDriver protocol (https://www.w3.org/TR/webdriver2/): one session, as many pages as needed.

/** Sends commands to the driver at `url`. */
function commands(url) {
  return async (method, path, body) => {
    const response = await fetch(url + path, { method, body: body && JSON.stringify(body) });
    const { value } = await response.json();
    if (response.ok) return value;
    throw new Error(`WebDriver: ${method} ${path}: ${value.error}: ${value.message}`);
  };
}

/** Resolves when the driver at `url` accepts commands. */
export async function driverReady(url, deadline = Date.now() + 20_000) {
  for (;;) {
    const isReady = await commands(url)("GET", "/status").then(
      ({ ready }) => ready,
      () => false, // it does not listen yet
    );
    if (isReady) return;
    if (Date.now() > deadline) throw new Error("the WebDriver server does not accept commands");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Starts the browser. Its pages take turns: the protocol knows one current window. */
export async function newSession(url, capabilities) {
  const send = commands(url);
  const { sessionId, capabilities: actual } = await send("POST", "/session", {
    capabilities: { alwaysMatch: capabilities },
  });
  const path = `/session/${sessionId}`;
  let last = Promise.resolve();
  const inTurn = (handle, work) => {
    const turn = async () => {
      await send("POST", `${path}/window`, { handle });
      return work((method, command, body) => send(method, path + command, body));
    };
    return (last = last.then(turn, turn));
  };
  const newPage = (handle) => ({
    goto: (address) => inTurn(handle, (page) => page("POST", "/url", { url: address })),
    reload: () => inTurn(handle, (page) => page("POST", "/refresh", {})),
    async evaluate(run, argument) {
      const script = `const done = arguments[1];
        Promise.resolve(arguments[0]).then(${run}).then((value) => done({ value }), (error) => done({ error: String(error) }));`;
      const execute = (page) => page("POST", "/execute/async", { script, args: [argument ?? null] });
      const { value, error } = await inTurn(handle, execute);
      if (error) throw new Error(error);
      return value;
    },
    cookies: () => inTurn(handle, (page) => page("GET", "/cookie")),
    setCookie: (cookie) => inTurn(handle, (page) => page("POST", "/cookie", { cookie })),
    deleteCookie: (name) => inTurn(handle, (page) => page("DELETE", `/cookie/${encodeURIComponent(name)}`)),
  });
  return {
    version: actual.browserVersion,
    async newPage() {
      const { handle } = await send("POST", `${path}/window/new`, { type: "tab" });
      return newPage(handle);
    },
    close: () => send("DELETE", path),
  };
}
