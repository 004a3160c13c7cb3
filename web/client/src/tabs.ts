/** Timeout of a request: well below a third of the age below which the server does not rotate a refresh token. */
export const TIMEOUT_MS = 8000;
/** Time for every other tab to receive the announcement of a change and to abort its refresh. */
const GRACE_MS = 50;

/** `user`: who is signed in now; absent if the change failed. */
interface Message<User> {
  id: string;
  begins?: boolean;
  user?: User | null;
}

/**
 * Coordinates sign-ins and sign-outs across the tabs of this origin. Each change is announced before its request is
 * sent. All tabs then abort their refreshes and start none until it has ended, so that no late response can undo a
 * sign-out or mix the cookies of two users. If a tab is closed during its change, the others wait for the timeout of a
 * request (`onLost`). A page that is opened during a change misses the announcement; its refresh belongs to a session
 * that has ended.
 */
export function createTabs<User>(
  name: string,
  onBegin: () => void,
  onChange: (user: User | null) => void,
  onLost: () => void,
) {
  const running = new Map<string, ReturnType<typeof setTimeout>>();
  let waiting: (() => void)[] = [];
  let channel: BroadcastChannel | undefined;

  const end = (id: string) => {
    clearTimeout(running.get(id));
    running.delete(id);
    if (!running.size) {
      for (const resume of waiting) resume();
      waiting = [];
    }
  };
  const begin = (id: string) => {
    const lost = () => {
      end(id);
      onLost();
    };
    running.set(id, setTimeout(lost, TIMEOUT_MS + 2 * GRACE_MS));
    onBegin();
  };
  const receive = ({ id, begins, user }: Message<User>) => {
    if (begins) return begin(id);
    end(id);
    if (user !== undefined) onChange(user);
  };
  /** Called on first use, not on creation: a server or a discarded render must not leave a channel open. */
  const open = () => {
    if (channel || typeof document === "undefined" || typeof BroadcastChannel === "undefined") return;
    channel = new BroadcastChannel(name);
    channel.onmessage = ({ data }) => receive(data);
  };
  const tell = (message: Message<User>) => {
    channel?.postMessage(message);
    receive(message);
  };
  const idle = async () => {
    open();
    while (running.size) await new Promise<void>((resolve) => waiting.push(resolve));
  };

  return {
    open,
    /** Resolves when no tab has a change in progress. */
    idle,
    /** Runs a change; `work` resolves to who is signed in afterwards. */
    async change<T extends User | null>(work: () => Promise<T>): Promise<T> {
      await idle();
      const id = `${Math.random()}`;
      tell({ id, begins: true });
      await new Promise((resolve) => setTimeout(resolve, GRACE_MS));
      let user: T | undefined;
      try {
        return (user = await work());
      } finally {
        tell({ id, ...(user !== undefined && { user }) });
      }
    },
  };
}
