// Every server that a connection URI names, wherever it does: one that is overlooked here would be
// one that nobody has allowed.
import { expect, it } from "vitest";
import { parseConnectionUri, serversNamedIn } from "../../../src/domain/supply/connection-uri.ts";

const nothing = undefined;

it.each<{ readonly name: string; readonly uri: string; want: (string | undefined)[] }>([
  { name: "one host", uri: "postgresql://u:p@db/app", want: ["db:5432"] },
  { name: "a port", uri: "postgresql://u@db:6432/app", want: ["db:6432"] },
  { name: "several hosts", uri: "postgres://u@a:1,B.,c/app", want: ["a:1", "b:5432", "c:5432"] },
  { name: "one port for all", uri: "postgres://u@a,b/?port=7", want: ["a:7", "b:7"] },
  { name: "a port for each", uri: "postgres://u@a,b/?port=7,8", want: ["a:7", "b:8"] },
  { name: "percent-encoded", uri: "postgres://u@%64b/app", want: ["db:5432"] },
  {
    name: "a parameter beside the host, which libpq prefers",
    uri: "postgres://u@good/app?host=evil",
    want: ["good:5432", "evil:5432"],
  },
  {
    name: "the parameter percent-encoded",
    uri: "postgres://u@good/app?%68ost=%65vil",
    want: ["good:5432", "evil:5432"],
  },
  {
    name: "several in the parameter",
    uri: "postgres://u@good/app?host=a,b&port=1,2",
    want: ["good:1", "a:1", "b:2"],
  },
  {
    name: "hostaddr, which libpq connects to",
    uri: "postgres://u@good:1/app?hostaddr=10.0.0.9",
    want: ["good:1", "10.0.0.9:1"],
  },
  { name: "hostaddr alone", uri: "postgres://u@/app?hostaddr=::1", want: ["[::1]:5432"] },
  { name: "a port and a parameter", uri: "postgres://u@:5433/app?host=db", want: ["db:5433"] },
  { name: "no host", uri: "postgres://u@/app", want: [nothing] },
  { name: "a socket", uri: "postgres://u@/app?host=/tmp", want: [nothing] },
  { name: "an encoded socket", uri: "postgres://u@%2Ftmp/app", want: [nothing] },
  { name: "an abstract socket", uri: "postgres://u@good,%40x/app", want: ["good:5432", nothing] },
  { name: "IPv6", uri: "postgres://u@[::FFFF:10.0.0.1]:1/a", want: ["[::ffff:a00:1]:1"] },
  { name: "a zone", uri: "postgres://u@[fe80::1%25eth0]/app", want: [nothing] },
  { name: "an @ in the password", uri: "postgres://u:p@evil@good/app", want: ["good:5432"] },
  { name: "an @ in a parameter", uri: "postgres://u@good/?options=@evil", want: ["good:5432"] },
  { name: "no URI", uri: "host=evil", want: [] },
])("$name: $uri", ({ uri, want }) => {
  expect(serversNamedIn(uri)).toEqual(want);
  const parsed = parseConnectionUri(uri);
  // The one that is asked is always among them.
  if (parsed.kind === "uri") expect(want).toContain(parsed.uri.server);
});
