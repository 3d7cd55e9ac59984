// What a large event says of itself, found without parsing it: it must be what a parser finds, in
// whatever order the fields come, and whatever a tenant wrote into the texts before them.

import fc from "fast-check";
import { expect, test } from "vitest";
import { headingOf } from "../../../../src/adapters/kubernetes/event-heading.ts";
import { expectCpuBelow } from "../../../support/cpu-time.ts";

const identity = { name: "web", namespace: "shop", uid: "u-1", resourceVersion: "12" };
const misleading = '","metadata":{"name":"other"},"}{][\\"\\\\';

function headingIn(text: string): unknown {
  return headingOf(Buffer.from(text));
}

test.each([
  {
    name: "of a built-in kind, whose name comes first",
    event: {
      type: "MODIFIED",
      object: { kind: "Deployment", metadata: { ...identity, labels: {} }, spec: {} },
    },
  },
  {
    name: "of a custom resource, whose name comes after annotations and managed fields",
    event: {
      type: "ADDED",
      object: {
        apiVersion: "v1",
        metadata: {
          annotations: { [misleading]: misleading, name: "other" },
          managedFields: [{ fieldsV1: { "f:metadata": { name: ["other", 1, null, true] } } }],
          ...identity,
        },
      },
    },
  },
  {
    name: "whose spec comes before its metadata",
    event: {
      type: "DELETED",
      object: { a: -1.5e3, b: false, spec: { metadata: { name: "other" } }, metadata: identity },
    },
  },
])("an event $name", ({ event }) => {
  const want = { type: event.type, metadata: identity };
  expect(headingIn(JSON.stringify(event))).toEqual(want);
  expect(headingIn(JSON.stringify(event, undefined, 2))).toEqual(want);
});

test.each([
  { name: "no JSON", text: "<html>" },
  { name: "a list", text: "[]" },
  { name: "an event without an object", text: '{"type":"MODIFIED"}' },
  { name: "an event without a type before its object", text: '{"object":{"metadata":{}}}' },
  { name: "an object without metadata", text: '{"type":"ERROR","object":{"code":410}}' },
  { name: "a line that is cut short", text: '{"type":"MODIFIED","object":{"spec":{"a":"' },
  { name: "a line that is cut short in a list", text: '{"type":"ADDED","object":{"a":[{"b":1},' },
])("nothing is said by $name", ({ text }) => {
  expect(headingIn(text)).toBeUndefined();
});

test("a name that no API server has written is left out", () => {
  const metadata = { ...identity, name: "w".repeat(2_000) };
  const text = JSON.stringify({ type: "ADDED", object: { metadata } });
  expect(headingIn(text)).toEqual({ type: "ADDED", metadata: { ...identity, name: undefined } });
});

test("whatever stands before it, the heading is what a parser finds", () => {
  const json = fc.jsonValue({ maxDepth: 4 });
  const key = fc.string().filter((one) => one !== "metadata" && one !== "__proto__");
  const within = fc.string().filter((one) => !(one in identity) && one !== "__proto__");
  fc.assert(
    fc.property(
      fc.dictionary(key, json),
      fc.dictionary(within, json),
      fc.constantFrom(0, 2),
      (before, fields, indent) => {
        const object = { ...before, metadata: { ...fields, ...identity, last: fields } };
        const text = JSON.stringify({ type: "MODIFIED", object }, undefined, indent);
        expect(headingIn(text)).toEqual({ type: "MODIFIED", metadata: identity });
      },
    ),
  );
});

test("a megabyte before the name is passed in a fraction of the time that parsing takes", () => {
  const managedFields = Array.from({ length: 60_000 }, (_, place) => ({ name: `V${place}` }));
  const metadata = { managedFields, ...identity };
  const line = Buffer.from(JSON.stringify({ type: "MODIFIED", object: { metadata } }));
  headingOf(line);
  expectCpuBelow(50, () => headingOf(line));
});
