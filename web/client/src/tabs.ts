/** Time for every other tab to receive the announcement of a change and to abort its refresh. */
const GRACE_MS = 50;
/** Longer than the slowest change: `GRACE_MS` and the timeout of its request. */
const LOST_MS = 8100;

/** `user`: who is signed in now; absent if the change failed. */
interface Message<U> {
  id: number;
  begins?: boolean;
  user?: U | null | undefined;
}

/**
 * Coordinates sign-ins and sign-outs across the tabs of this origin. Each change is announced before its request is
 * sent. All tabs then abort their refreshes and start none until it has ended, so that no late response can undo a
 * sign-out or mix the cookies of two users. If a tab is closed during its change, the others wait for the timeout of a
 * request (`onLost`). A page that is opened during a change misses the announcement; its refresh belongs to a session
 * that has ended.
 *
 * A browser that blocks cookies may also forbid the channel. Each tab is then on its own.
 */
export function createTabs<U>(
  name: string,
  onBegin: () => void,
  onChange: (user: U | null, own: boolean) => void,
  onLost: () => void,
) {
  const running = new Map<number, ReturnType<typeof setTimeout>>();
  const waiting: (() => void)[] = [];
  let channel: BroadcastChannel | undefined;

  const end = (id: number) => {
    clearTimeout(running.get(id));
    running.delete(id);
    if (!running.size) for (const resume of waiting.splice(0)) resume();
  };
  const begin = (id: number) => {
    running.set(
      id,
      setTimeout(() => {
        end(id);
        onLost();
      }, LOST_MS),
    );
    onBegin();
  };
  const receive = ({ id, begins, user }: Message<U>, own: boolean) => {
    if (begins) return begin(id);
    end(id);
    if (user !== undefined) onChange(user, own);
  };
  const tell = (message: Message<U>) => {
    try {
      channel?.postMessage(message);
    } catch {
      // closed by the browser
    }
    receive(message, true);
  };
  async function idle() {
    while (running.size) await new Promise<void>((resolve) => waiting.push(resolve));
  }

  return {
    open() {
      try {
        channel ??= new BroadcastChannel(name);
        channel.onmessage = ({ data }) => receive(data, false);
      } catch {
        // forbidden, or an old browser
      }
    },
    close() {
      channel?.close();
      channel = undefined;
    },
    /** Resolves when no tab has a change in progress. */
    idle,
    /** Runs a change; `work` resolves to who is signed in afterwards. */
    async change<T extends U | null>(work: () => Promise<T>): Promise<T> {
      await idle();
      const id = Math.random();
      tell({ id, begins: true });
      await new Promise((resolve) => setTimeout(resolve, GRACE_MS));
      let user: T | undefined;
      try {
        return (user = await work());
      } finally {
        tell({ id, user });
      }
    },
  };
}
