/** How long a request may live: well below a third of the age under which the server keeps a refresh token. */
export const TIMEOUT_MS = 8000;
/** By then every other tab has heard that a change begins, and has aborted its refresh. */
const GRACE_MS = 50;

/** `user`: who is signed in now; absent when the change failed. */
interface Message<User> {
  id: string;
  begins?: boolean;
  user?: User | null;
}

/**
 * Sign-ins and sign-outs, of every tab of this origin. Each is announced before it is sent: all tabs then drop
 * their refreshes under way and start none until it has ended, so that no late answer can undo a sign-out or mix the
 * cookies of two users. A tab that vanishes in the middle (`onLost`) holds up the others for as long as a request may
 * live. A page that is opened in the middle has heard nothing; what it refreshes belongs to a session that is over.
 */
export function createTabs<User>(
  name: string,
  onBegin: () => void,
  onChange: (user: User | null) => void,
  onLost: () => void,
) {
  const underWay = new Map<string, ReturnType<typeof setTimeout>>();
  let waiting: (() => void)[] = [];
  let channel: BroadcastChannel | undefined;

  const end = (id: string) => {
    clearTimeout(underWay.get(id));
    underWay.delete(id);
    if (!underWay.size) {
      for (const resume of waiting) resume();
      waiting = [];
    }
  };
  const begin = (id: string) => {
    const lost = () => {
      end(id);
      onLost();
    };
    underWay.set(id, setTimeout(lost, TIMEOUT_MS + 2 * GRACE_MS));
    onBegin();
  };
  const receive = ({ id, begins, user }: Message<User>) => {
    if (begins) return begin(id);
    end(id);
    if (user !== undefined) onChange(user);
  };
  /** Opened by the first use, not by the mere making: a server, or a render thrown away, must leave nothing open. */
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
    while (underWay.size) await new Promise<void>((resolve) => waiting.push(resolve));
  };

  return {
    open,
    /** Resolves when no change is under way in any tab. */
    idle,
    /** Runs a change that resolves to who is signed in afterwards. */
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
