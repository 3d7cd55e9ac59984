// Servers that make TLS itself expensive, before a word of the protocol was said: a long chain of
// certificates, each of which OpenSSL checks, and Diffie-Hellman in a group of the server's choice.

import { createServer, type Server } from "node:net";
import { type SecureContextOptions, TLSSocket } from "node:tls";
import { afterEach, beforeAll, expect, test } from "vitest";
import { createCertificateAuthority, type ServerCertificate } from "../support/certificates.ts";
import { openDatabase, targetOf } from "../support/postgres-readings.ts";

let certificate: ServerCertificate;
beforeAll(async () => {
  const authority = await createCertificateAuthority("any", "rsa");
  certificate = await authority.issue({ ip: "127.0.0.1" });
});

let server: Server | undefined;
afterEach(() => {
  server?.close();
});

/** Says yes to TLS and begins it as told; answers the URI. */
async function startServer(tls: SecureContextOptions): Promise<string> {
  const { certPem: cert, keyPem: key } = certificate;
  const started = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      socket.write("S");
      new TLSSocket(socket, { isServer: true, cert, key, ...tls }).on("error", () => undefined);
    });
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  const address = started.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return `postgresql://app:app@127.0.0.1:${port}/app`;
}

test.each(["prefer", "require", "verify-full"])(
  "a chain of 100 certificates is not read to its end with sslmode=%s",
  async (sslMode) => {
    const { certPem } = certificate;
    const uri = await startServer({ cert: `${certPem}\n`.repeat(100) });
    await using database = openDatabase({ connectTimeoutMs: 2_000 });
    const outcome = await database.read(targetOf(`${uri}?sslmode=${sslMode}`));
    expect(outcome).toMatchObject({
      kind: "failed",
      message: expect.stringContaining("more than 24 KiB at login") as string,
    });
  },
);

test.each([
  {
    name: "a key exchange by finite-field Diffie-Hellman",
    tls: { ciphers: "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384", dhparam: "auto" },
    maxVersion: "TLSv1.2" as const,
  },
  {
    name: "a finite-field group of TLS 1.3",
    tls: { ecdhCurve: "ffdhe3072" },
    maxVersion: "TLSv1.3" as const,
  },
])("$name is not taken part in", async ({ tls, maxVersion }) => {
  const uri = await startServer({ ...tls, maxVersion });
  await using database = openDatabase({ connectTimeoutMs: 2_000 });
  const outcome = await database.read(targetOf(`${uri}?sslmode=require`));
  expect(outcome).toMatchObject({ kind: "failed", reason: "TlsRefused" });
});
