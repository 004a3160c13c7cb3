// Imported before the tests: what the oldest supported browsers lack. The globals are replaced, not changed, because
// Node itself uses them.
const { abort } = AbortSignal;
globalThis.AbortSignal = class AbortSignal {
  static abort = abort;
};
globalThis.Request = class extends Request {
  get signal() {
    return new Proxy(super.signal, {
      get(target, name) {
        if (name === "reason" || name === "throwIfAborted") return undefined;
        const value = target[name];
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }
  clone() {
    return new globalThis.Request(super.clone());
  }
};
delete globalThis.structuredClone;
delete globalThis.reportError;
