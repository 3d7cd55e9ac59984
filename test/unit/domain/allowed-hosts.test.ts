// Which servers a list of hosts lets pass: every way of writing a host that somebody may try.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isAllowed,
  mayConnect,
  parseHostPattern,
} from "../../../src/domain/supply/allowed-hosts.ts";
import type { HostPattern } from "../../../src/domain/supply/allowed-hosts.ts";
import { canonicalAddress } from "../../../src/domain/supply/database-host.ts";

function listOf(...texts: readonly string[]): HostPattern[] {
  return texts.map((text) => {
    const pattern = parseHostPattern(text);
    if ("kind" in pattern) throw new Error(pattern.message);
    return pattern;
  });
}

/** As a policy's server is named. */
function serverOf(text: string): string {
  const address = canonicalAddress(text);
  if (address.kind === "problem") throw new Error(address.message);
  return address.server;
}

describe("a list of hosts", () => {
  it.each<{ readonly name: string; readonly list: string[]; server: string; want: boolean }>([
    { name: "empty lets everything pass", list: [], server: "db.evil.example", want: true },
    { name: "its very name", list: ["db.shop.svc"], server: "db.shop.svc", want: true },
    { name: "another name", list: ["db.shop.svc"], server: "db.bank.svc", want: false },
    { name: "one of several", list: ["a", "b"], server: "b", want: true },
    { name: "no port: every port", list: ["db"], server: "db:6432", want: true },
    { name: "the port given", list: ["db:6432"], server: "db:6432", want: true },
    { name: "another port", list: ["db:6432"], server: "db:5432", want: false },
    { name: "the default port, written out", list: ["db:5432"], server: "db", want: true },
    { name: "upper case in the policy", list: ["db.shop.svc"], server: "DB.Shop.SVC", want: true },
    { name: "upper case in the list", list: ["DB.Shop.SVC"], server: "db.shop.svc", want: true },
    { name: "a trailing dot", list: ["db.shop.svc"], server: "db.shop.svc.", want: true },
    { name: "a dot in the list", list: ["db.shop.svc."], server: "db.shop.svc", want: true },
    { name: "percent-encoded", list: ["db"], server: "%64%62", want: true },
    { name: "full-width letters", list: ["db.shop"], server: "ｄｂ.shop", want: true },
    { name: "a name that only begins so", list: ["db.a"], server: "db.a.evil", want: false },
    { name: "a name that only ends so", list: ["db.a"], server: "xdb.a", want: false },
    { name: "below a suffix", list: ["*.example.com"], server: "db.example.com", want: true },
    { name: "deep below it", list: ["*.example.com"], server: "a.b.example.com", want: true },
    { name: "the suffix itself", list: ["*.example.com"], server: "example.com", want: false },
    { name: "no dot between", list: ["*.example.com"], server: "evilexample.com", want: false },
    { name: "a suffix, and more", list: ["*.a.com"], server: "b.a.com.evil.org", want: false },
    { name: "a suffix with a port", list: ["*.a.com:1"], server: "b.a.com:2", want: false },
    { name: "an address", list: ["10.1.2.3"], server: "10.1.2.3", want: true },
    { name: "another address", list: ["10.1.2.3"], server: "10.1.2.4", want: false },
    { name: "within a range", list: ["10.0.0.0/8"], server: "10.255.0.1", want: true },
    { name: "beyond it", list: ["10.0.0.0/8"], server: "11.0.0.0", want: false },
    {
      name: "a range that ends in a byte",
      list: ["10.0.0.0/9"],
      server: "10.128.0.1",
      want: false,
    },
    { name: "bits beyond the prefix", list: ["10.9.9.9/8"], server: "10.1.1.1", want: true },
    { name: "all of IPv4", list: ["0.0.0.0/0"], server: "192.0.2.1", want: true },
    { name: "no name by a range", list: ["0.0.0.0/0", "[::/0]"], server: "db", want: false },
    { name: "no IPv6 by IPv4", list: ["0.0.0.0/0"], server: "[2001:db8::1]", want: false },
    { name: "a range with a port", list: ["10.0.0.0/8:5432"], server: "10.1.1.1:80", want: false },
    { name: "octal and hexadecimal", list: ["10.0.0.1"], server: "0xa.0.0.01", want: true },
    { name: "a whole number", list: ["127.0.0.1"], server: "2130706433", want: true },
    { name: "loopback as a number", list: ["10.0.0.0/8"], server: "2130706433", want: false },
    { name: "a short address", list: ["10.0.0.0/8"], server: "127.1", want: false },
    { name: "IPv6", list: ["[2001:db8::1]"], server: "[2001:0DB8:0:0::1]", want: true },
    { name: "IPv6 without brackets", list: ["2001:db8::1"], server: "[2001:db8::1]:1", want: true },
    {
      name: "IPv6, another port",
      list: ["[2001:db8::1]:5432"],
      server: "[2001:db8::1]:1",
      want: false,
    },
    { name: "an IPv6 range", list: ["[2001:db8::/32]"], server: "[2001:db8:9::1]", want: true },
    { name: "beyond it", list: ["2001:db8::/32"], server: "[2001:db9::1]", want: false },
    { name: "IPv4 as IPv6", list: ["10.0.0.0/8"], server: "[::ffff:10.1.2.3]", want: true },
    { name: "forbidden IPv4 as IPv6", list: ["[::/0]"], server: "[::ffff:10.1.2.3]", want: false },
    { name: "a range so written", list: ["[::ffff:10.0.0.0/104]"], server: "10.9.9.9", want: true },
    { name: "beyond it", list: ["[::ffff:10.0.0.0/104]"], server: "11.9.9.9", want: false },
    { name: "a name that means it", list: ["127.0.0.1"], server: "localhost", want: false },
  ])("$name: $list, $server", ({ list, server, want }) => {
    expect(isAllowed(serverOf(server), listOf(...list))).toBe(want);
  });

  it.each([
    ...[
      "",
      " ",
      "**",
      "*:5432",
      "*.",
      "*.10.0.0.1",
      "db-*.example.com",
      "a.*.com",
      "db:0",
      "db:65536",
    ],
    ...["db..", "*..example.com", "*.example.com..", "db..shop"],
    ...["db:port", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "db/8", "[::1]/129", "[::1", "::g"],
    ...["postgresql://db", "user@db", "db,other", "[::ffff:10.0.0.0/90]", "10.0.0.0/8/8"],
  ])("cannot have %j", (text) => {
    const pattern = parseHostPattern(text);
    expect("kind" in pattern && pattern.message).toContain(
      `${JSON.stringify(text)} is not a valid host`,
    );
    expect("kind" in pattern && pattern.message).toContain("10.0.0.0/8");
  });
});

describe("addresses that need an entry of their own", () => {
  it.each([
    ...["localhost", "db.localhost", "127.0.0.1", "127.9.9.9", "2130706433", "0.0.0.0", "[::1]"],
    ...["[::]", "[::ffff:127.0.0.1]", "169.254.169.254", "[fe80::1]", "[fd00:ec2::254]"],
    ...["[fd00:ec2::23]", "[fd00:ec2::253]", "[fd20:ce::254]", "[::127.0.0.1]", "[::10.0.0.1]"],
    ...["[64:ff9b:1::7f00:1]", "[64:ff9b:1:2::a9fe:a9fe]", "[64:ff9b:1:a9fe:a9:fe00:808:808]"],
    ...["[64:ff9b:1:7f:0:1::]", "[64:ff9b:1:0:a9:fea9:fe00:0]", "[2002:a9fe:a9fe::1]"],
    ...["[::ffff:0:a9fe:a9fe]"],
    ...["[64:ff9b::a9fe:a9fe]", "100.100.100.200", "168.63.129.16", "224.0.0.1", "[ff02::1]"],
  ])("are refused without one: %s", (server) => {
    for (const list of [[], ["*"], ["0.0.0.0/0", "[::/0]", "*.example.com"]]) {
      expect(isAllowed(serverOf(server), listOf(...list))).toBe(false);
    }
  });

  it.each([
    { list: ["127.0.0.0/8"], server: "127.0.0.1" },
    { list: ["*", "127.0.0.1:5432"], server: "127.0.0.1" },
    { list: ["localhost"], server: "localhost:6000" },
    { list: ["[::1]"], server: "[::1]" },
    { list: ["169.254.1.0/24"], server: "169.254.1.9" },
    { list: [], server: "db.shop.svc" },
    { list: ["*", "localhost"], server: "10.0.0.7:6432" },
    { list: [], server: "[2002:a00:7::1]" },
    { list: [], server: "[2001:db8::7]" },
  ])("and all others are not: $list, $server", ({ list, server }) => {
    expect(isAllowed(serverOf(server), listOf(...list))).toBe(true);
  });

  it.each([
    { list: [], server: "db.shop.svc", address: "10.0.0.7", want: true },
    { list: [], server: "rebound.example", address: "127.0.0.1", want: false },
    { list: [], server: "metadata.google.internal", address: "fd20:ce::254", want: false },
    { list: [], server: "db.shop.svc", address: "64:ff9b:1::a00:7", want: true },
    { list: ["*"], server: "rebound.example", address: "::1", want: false },
    { list: ["*"], server: "metadata", address: "169.254.169.254", want: false },
    { list: ["*.example"], server: "rebound.example", address: "127.0.0.1", want: true },
    { list: ["localhost:5432"], server: "localhost", address: "127.0.0.1", want: true },
    { list: ["localhost:5432"], server: "localhost:6000", address: "127.0.0.1", want: false },
    { list: ["*", "127.0.0.1"], server: "my-laptop", address: "127.0.0.1", want: true },
    { list: ["0.0.0.0/0"], server: "rebound.example", address: "127.0.0.1", want: false },
  ])("count where a name leads to them: $list, $server at $address: $want", (one) => {
    const { list, server, address, want } = one;
    expect(mayConnect(serverOf(server), address, listOf(...list))).toBe(want);
  });

  it.each([
    { name: "IPv4 mapped", address: "::ffff:10.0.0.1", want: true },
    { name: "loopback mapped", address: "::ffff:127.0.0.1", want: false },
    { name: "metadata mapped", address: "::ffff:169.254.169.254", want: false },
    { name: "IPv4 compatible", address: "::10.0.0.1", want: false },
    { name: "translated IPv4", address: "::ffff:0:10.0.0.1", want: true },
    { name: "a network link", address: "fe80::1%eth0", want: false },
    { name: "an address with a link", address: "2001:db8::1%eth0.4", want: true },
    { name: "loopback with a link", address: "::1%lo", want: false },
    { name: "nothing", address: "", want: false },
    { name: "a name", address: "db.shop.svc", want: false },
    { name: "too many groups", address: "1:2:3:4:5:6:7:8:9", want: false },
  ])("are told in every form that a look-up writes: $name, $address", ({ address, want }) => {
    expect(mayConnect(serverOf("db.tenant.example"), address, [])).toBe(want);
  });

  it("are told of any text, without a throw", () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[\da-gx:.%[\]/ ]*$/), fc.ipV6());
    fc.assert(
      fc.property(text, (address) => {
        expect(mayConnect("db:5432", address, listOf("*", "10.0.0.0/8"))).toBeTypeOf("boolean");
      }),
    );
  });
});
