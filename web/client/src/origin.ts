/**
 * Whether an absolute URL, as a browser writes it, has the origin of one of `named`. These may be relative to this page;
 * on a server, which has no page, such a one matches nothing. It does not compare `origin`: a `blob:` URL has that of its
 * page.
 */
export function isNamed(url: string, named: string[]): boolean {
  return named.some((each) => url.startsWith(new URL(each, globalThis.location?.href ?? "file:").origin + "/"));
}
