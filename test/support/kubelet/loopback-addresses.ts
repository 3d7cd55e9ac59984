// Linux answers on all of 127.0.0.0/8, so each pod can have an address of its own there, and a
// database shows which pod a session belongs to. Elsewhere, as on macOS, only 127.0.0.1 is there.
import { randomInt } from "node:crypto";
import { createServer } from "node:net";

const SHARED_ADDRESS = "127.0.0.1";

/** Gives an address for each pod. */
export type AddressSource = () => string;

/** Addresses of their own where the system has them, else 127.0.0.1 for all. */
export async function findLoopbackAddresses(
  isBindable: (address: string) => Promise<boolean> = canBind,
): Promise<AddressSource> {
  // Somewhere at random, so that two runs on one machine do not share addresses.
  const network = `127.${randomInt(1, 255)}`;
  if (!(await isBindable(`${network}.0.1`))) return () => SHARED_ADDRESS;
  let used = 0;
  return () => {
    used = (used % 65_000) + 1;
    return `${network}.${used >> 8}.${used & 255}`;
  };
}

function canBind(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(false);
    });
    server.listen(0, address, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
