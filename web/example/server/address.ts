import { config } from "./config";

/**
 * The headers that pass the visitor's address to gatecrumb, which otherwise sees this server's. The address comes only
 * from the platform's header: from a header that visitors can set, they could choose it.
 */
export function addressHeaders(incoming: Headers): [string, string][] {
  const { proxy } = config();
  const address = proxy && incoming.get(proxy.addressHeader);
  if (!address) return [];
  return [
    ["x-gatecrumb-proxy", proxy.secret],
    [proxy.addressHeader, address],
  ];
}
