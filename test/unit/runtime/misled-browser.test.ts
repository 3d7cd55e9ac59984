// Through a forwarded port, pages are shown under names of one's own machine, and of no website.

import { expect, test } from "vitest";
import { isMisled } from "../../../src/runtime/misled-browser.ts";

test.each([
  { host: "127.0.0.1:8080" },
  { host: "[::1]:8080" },
  { host: "localhost:8080" },
  { host: "LOCALHOST" },
  { host: "laptop:8080" },
  { host: "poolwarden.poolwarden-system.svc:8080" },
  { host: "poolwarden.poolwarden-system.svc.cluster.local" },
  { host: undefined },
])("$host may be asked for over loopback", ({ host }) => {
  for (const localAddress of ["127.0.0.1", "127.0.0.9", "::1", "::ffff:127.0.0.1"]) {
    expect(isMisled({ localAddress, host })).toBe(false);
  }
});

test.each([
  { host: "evil.example.com:8080" },
  { host: "evil.example.com." },
  { host: "127.0.0.1.evil.example" },
  { host: "localhost.evil.example:80" },
  { host: "svc.evil.example" },
])("$host may not be asked for over loopback", ({ host }) => {
  for (const localAddress of ["127.0.0.1", "127.0.0.9", "::1", "::ffff:127.0.0.1"]) {
    expect(isMisled({ localAddress, host })).toBe(true);
  }
});

test("whoever comes by another address may ask for any name", () => {
  for (const localAddress of ["10.1.2.3", "fd00::1", undefined]) {
    expect(isMisled({ localAddress, host: "fleet.example.com" })).toBe(false);
  }
});
