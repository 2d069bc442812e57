import assert from "node:assert/strict";
import test from "node:test";
import { table } from "./clipboard";

test("text with tabs becomes rows of cells", () => {
  assert.deepEqual(table("a\tb\nc\td\n"), [["a", "b"], ["c", "d"]]);
  assert.deepEqual(table("a\t\r\n\tb"), [["a", ""], ["", "b"]]);
});

test("quoted cells keep their tabs, breaks and quotation marks", () => {
  assert.deepEqual(table('"one\ttwo\nthree"\t"say ""hi"""\nx\ty'), [["one\ttwo\nthree", 'say "hi"'], ["x", "y"]]);
});
