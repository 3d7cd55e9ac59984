// Whoever looks at the page does so through kubectl port-forward, at an address of his own machine.
// A website that he visits may have its name lead there as well (DNS rebinding): for the browser it
// is then that website which answers, and its scripts may read all of it. The name that the browser
// asks for gives it away. Only what comes over the loopback address is looked at: whoever else can
// reach the port may read the pages anyway, by whichever name.

import { BlockList, isIP } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8);
loopback.addAddress("::1", "ipv6");

export interface Asked {
  /** To which address of ours the request came; undefined once the connection is gone. */
  readonly localAddress: string | undefined;
  /** What it was sent to, as its header says: `localhost:8080`. */
  readonly host: string | undefined;
}

/** Nobody can have these in the public DNS. */
const ownNames = /(^|\.)(localhost|local|internal|svc)$/;

/** It asks over loopback for a name that may be a website's. */
export function isMisled({ localAddress = "", host = "" }: Asked): boolean {
  const family = isIP(localAddress) === 6 ? "ipv6" : "ipv4";
  if (isIP(localAddress) === 0 || !loopback.check(localAddress, family)) return false;
  const name = host
    .toLowerCase()
    .replace(/:\d{1,5}$/, "")
    .replace(/\.$/, "");
  const isAddress = isIP(name.replace(/^\[|\]$/g, "")) !== 0;
  return name.includes(".") && !isAddress && !ownNames.test(name);
}
