import { errorOf, type AuthErrorCode } from "./error.js";
import { limited } from "./limits.js";

/**
 * Sends a request to an origin that the app has named, and recovers from what it responds.
 *
 * - `begin` waits until no sign-in or sign-out is in progress in any tab. The function that it resolves to says whether
 *   none has begun since: a request of one user must not be repeated as another.
 * - `refresh` resolves to `false` if the session has ended. It rejects if that cannot be determined, and with `aborted` if
 *   the request is not current any more.
 */
export type Recovery = (
  request: Request,
  send: (request: Request) => Promise<Response>,
  begin: () => Promise<() => boolean>,
  refresh: (isCurrent: () => boolean) => Promise<boolean>,
) => Promise<Response>;

/** The code of a response. A body that does not end counts as one without a code. */
export const codeOf = async (response: Response): Promise<AuthErrorCode> =>
  limited(() => errorOf(response)).then(
    (error) => error.code,
    (error) => error.code,
  );

/** On a 401 it refreshes once and repeats the request once, unless the problem's code says that this is in vain. */
export const refreshOn401: Recovery = async (request, send, begin, refresh) => {
  const isCurrent = await begin();
  const response = await send(request.clone());
  if (response.status === 401 && !/^(not_logged|reauth)/.test(await codeOf(response)) && (await refresh(isCurrent))) {
    response.body?.cancel().catch(() => {});
    return send(request);
  }
  return response;
};
