// What an app in another repository would write. `.ci/client-package` copies it out of this one and builds it.
import { AuthError, createAuth, type User } from "@gatecrumb/client";
import { AuthProvider, RequireUser, useAuth, useUser } from "@gatecrumb/client/react";
import { useState, type FormEvent } from "react";
import { createRoot } from "react-dom/client";

interface Staff extends User<"admin" | "editor"> {}
declare module "@gatecrumb/client" {
  interface Register {
    user: Staff;
  }
}

const auth = createAuth();

function SignIn() {
  const { login } = useAuth();
  const [message, setMessage] = useState("");
  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    try {
      await login(String(form.get("username")), String(form.get("password")));
    } catch (error) {
      setMessage(error instanceof AuthError ? error.code : "failed");
    }
  }
  return (
    <form onSubmit={onSubmit}>
      <input name="username" autoComplete="username" aria-label="Username" />
      <input name="password" type="password" autoComplete="current-password" aria-label="Password" />
      <button>Sign in</button>
      <p role="alert">{message}</p>
    </form>
  );
}

function Home() {
  const user = useUser();
  const { logout } = useAuth();
  return (
    <p>
      {user.name ?? user.username}
      {user.roles.includes("admin") && " (admin)"} <button onClick={() => logout()}>Sign out</button>
    </p>
  );
}

createRoot(document.querySelector("#root")!).render(
  <AuthProvider auth={auth}>
    <RequireUser fallback={({ status }) => (status === "signed-out" ? <SignIn /> : <p>{status}</p>)}>
      <Home />
    </RequireUser>
  </AuthProvider>,
);
