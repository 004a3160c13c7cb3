import { config } from "./config";

/**
 * What tells gatecrumb the visitor's address, which it would otherwise take to be this server's. The address is the
 * platform's word alone: a header that visitors can send themselves would let them choose it.
 */
export function vouchedAddress(incoming: Headers): [string, string][] {
  const { proxy } = config();
  const address = proxy && incoming.get(proxy.addressHeader);
  if (!address) return [];
  return [
    ["x-gatecrumb-proxy", proxy.secret],
    [proxy.addressHeader, address],
  ];
}
