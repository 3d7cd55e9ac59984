// Which mounts of a container keep the file of its pool size away.

import { expect, test } from "vitest";
import { mountInTheWayForm } from "../../../src/api/group.ts";

const form = new RegExp(mountInTheWayForm, "u");

test.each(["/etc/poolwarden", "/etc/poolwarden/", "/etc/poolwarden/more", "/etc//./poolwarden"])(
  "one at its path or below it does: %s",
  (path) => {
    expect(path).toMatch(form);
  },
);

test.each(["/etc", "/etc/", "//etc/.", "/./etc", "etc", "/"])("one above it does: %s", (path) => {
  expect(path).toMatch(form);
});

test.each(["/etc/app", "/etc/poolwarden-more", "/etcetera", "/srv/etc", "/var/lib", "/etc/hosts"])(
  "one beside it does not: %s",
  (path) => {
    expect(path).not.toMatch(form);
  },
);
