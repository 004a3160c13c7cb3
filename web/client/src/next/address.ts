import type { Settings } from "./settings.js";

/** The header with the proxy's secret. */
export const SECRET_HEADER = "x-gatecrumb-proxy";

/**
 * The headers that pass the visitor's address to gatecrumb, which otherwise sees this server's. The address comes only
 * from the platform's header: from a header that visitors can set, they could choose it.
 */
export function addressHeaders(incoming: Headers, { proxy }: Settings): [string, string][] {
  const address = proxy && incoming.get(proxy.addressHeader);
  if (!address) return [];
  return [
    [SECRET_HEADER, proxy.secret],
    [proxy.addressHeader, address],
  ];
}
