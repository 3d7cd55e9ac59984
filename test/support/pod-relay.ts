// Connections of a program in a pod that come to the server from the pod's own address, although
// all pods of a test share one machine.
import { connect, createServer, type AddressInfo } from "node:net";

/** The port of this machine that leads to the server's. */
export async function openRelay(localAddress: string, port: number): Promise<number> {
  const relay = createServer((from) => {
    const to = connect({ port, host: "127.0.0.1", localAddress });
    from.pipe(to).pipe(from);
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  const { promise, resolve } = Promise.withResolvers<undefined>();
  relay.listen(0, "127.0.0.1", () => {
    resolve(undefined);
  });
  await promise;
  return (relay.address() as AddressInfo).port;
}
