import assert from "node:assert/strict";
import { test } from "node:test";

import { heightsOf } from "./inview";

test("a line between bars reaches from its highest to its lowest point", () => {
  assert.deepEqual(heightsOf("M10 20.5 H17 V80 H90"), [20.5, 80]);
  assert.deepEqual(heightsOf("M10 140 H17 V65 H3 V50 H9"), [50, 140]);
});
