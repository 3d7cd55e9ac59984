// Places by hand.
import { expect, test } from "vitest";
import { placesOf } from "../../../src/domain/decide/places.ts";

test("one that is in several lists has its place in each, in their order", () => {
  const [all, some] = [{ indexes: [0, 1, 2] }, { indexes: [1] }];
  const places = placesOf([all, some]);
  expect(places.get(1)).toEqual([
    { list: all, place: 1 },
    { list: some, place: 0 },
  ]);
  expect(places.get(2)).toEqual([{ list: all, place: 2 }]);
});

test("one that is in none has no place", () => {
  expect(placesOf([{ indexes: [3] }]).get(0)).toBeUndefined();
});
