import assert from "node:assert/strict";
import test from "node:test";
import { Fragment } from "prosemirror-model";
import { read, rewritten, written } from "./blocks";
import { schema } from "./schema";

const TEXTS: Record<string, string> = {
  nothing: "",
  words: "One line",
  "two paragraphs": "One\ntwo\n\nThree",
  emphasis: "Some *em*, __strong__, ***both***, ~~gone~~ and `co*de`.",
  headings: "# One\n## Two\ntext right below\n\nSetext\n======\n\nafter",
  lists: "- a\n- b\n  - c\n\n    more of c\n- d\n\n1. one\n2. two\n\n5) five",
  "two lists": "- a\n- b\n\n* c\n* d",
  quote: "> said\n> twice\n>\n> - in a list",
  code: "```js\nconst a = `b`;\n```\n\n    indented\n\n~~~~\n```\n~~~~",
  table: "| a | b |\n|---|:-:|\n| 1 | [[F-12]] |\n\nafter",
  tasks: "- [ ] open\n- [x] done",
  citation: "Because of [[F-12]] and [[ it-3 ]], not `[[F-1]]` nor \\[[F-2]].",
  live: "{{requirements F-12}}\n\n{{evidence F-12}}",
  links: "[here](https://a.example/x_y_z 'a title'), <https://b.example>, https://c.example/_d_/e.",
  references: "[one][1] and [two].\n\n[1]: https://a.example\n[two]: https://b.example 'T'\n\nEnd",
  html: "<b>not bold</b>\n\n<div>\nblock\n</div>",
  entities: "AT&amp;T &copy; R&D",
  mention: "@ana.silva and @bo_c",
  rules: "a\n\n---\n\n***\n\nb",
  blank: "\n\n  \nlate\n\n\n\nlater\n\n",
  escapes: "\\*no\\* \\# 1\\. _",
  "line starts": "a\n\\- b\n\\# c\n1\\. d\n\\> e",
  image: "![a picture](https://a.example/p.png)",
  breaks: "a  \nb\\\nc",
};

for (const [name, text] of Object.entries(TEXTS)) {
  test(`untouched, a text stays to the letter: ${name}`, () => assert.equal(written(read(text)), text));
  test(`written anew, a text is read the same: ${name}`, () => same(text));
}

function same(text: string): void {
  const first = read(text);
  const again = rewritten(first);
  assert.equal(read(again).toString(), first.toString(), `${JSON.stringify(text)} became ${JSON.stringify(again)}`);
  assert.equal(rewritten(read(again)), again);
}

// A generator of our own, so that a failure can be made again from its number.
function dice(seed: number): (sides: number) => number {
  let state = seed * 2654435761 + 1;
  return (sides) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822507) + 0x9e3779b9) | 0;
    return ((state >>> 8) & 0xffff) % sides;
  };
}

const WORDS = ["raid", "lost", "the", "*", "_", "**bold**", "`c`", "[[F-3]]", "@ana", "~~x~~", "1.", "-", "#", ">", "a_b", "[x](/y)", "\\", "&lt;", "https://a.example/b_c_", "|", "{{release R-1}}", "é", "日本", "+", "=", "---", "<i>", "!", "]", "["];

function line(roll: (sides: number) => number): string {
  return Array.from({ length: 1 + roll(6) }, () => WORDS[roll(WORDS.length)]).join(" ");
}

function block(roll: (sides: number) => number, depth: number): string {
  const inside = (): string => (depth > 2 ? line(roll) : block(roll, depth + 1));
  switch (roll(9)) {
    case 0: return `${"#".repeat(1 + roll(4))} ${line(roll)}`;
    case 1: return Array.from({ length: 1 + roll(3) }, () => `- ${inside().replaceAll("\n", "\n  ")}`).join(roll(2) ? "\n" : "\n\n");
    case 2: return Array.from({ length: 1 + roll(3) }, (_, n) => `${n + 1}. ${inside().replaceAll("\n", "\n   ")}`).join("\n");
    case 3: return `> ${inside().replaceAll("\n", "\n> ")}`;
    case 4: return `\`\`\`\n${line(roll)}\n\`\`\``;
    case 5: return `| a | b |\n|---|---|\n| ${WORDS[roll(4)]} | x |`;
    case 6: return `${line(roll)}\n${line(roll)}`;
    default: return line(roll);
  }
}

test("made texts stay to the letter, and are read the same when written anew", () => {
  for (let seed = 1; seed <= 400; seed += 1) {
    const roll = dice(seed);
    const text = Array.from({ length: 1 + roll(5) }, () => block(roll, 0)).join(roll(3) ? "\n\n" : "\n");
    assert.equal(written(read(text)), text, `seed ${seed}`);
    same(text);
  }
});

test("a change rewrites its own block and no other", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const roll = dice(seed);
    const text = Array.from({ length: 3 }, () => block(roll, 0)).join("\n\n");
    const doc = read(text);
    const at = roll(doc.childCount);
    const changed = doc.copy(doc.content.replaceChild(at, schema.node("paragraph", null, [schema.text("changed words")])));
    const now = read(written(changed));
    assert.equal(now.childCount, doc.childCount, `seed ${seed}: ${JSON.stringify(written(changed))}`);
    now.forEach((node, _, index) => assert.equal(node.toString(), changed.child(index).toString(), `seed ${seed}`));
    doc.forEach((node, _, index) => {
      if (index !== at) assert.ok(written(changed).includes(written(doc.copy(Fragment.from(node))).trimEnd()), `seed ${seed}`);
    });
  }
});
