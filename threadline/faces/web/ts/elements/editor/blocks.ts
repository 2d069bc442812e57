// Markdown to a document of the editor, and back. Each block remembers the words it was read from:
// as long as nobody touches it, exactly those are written again. A block that would not come back
// the same is kept as it is written (`raw`), so nothing that somebody wrote is lost or reworded.

import MarkdownIt, { type StateInline, type Token } from "markdown-it";
import { defaultMarkdownSerializer, MarkdownParser, MarkdownSerializer, type MarkdownSerializerState } from "prosemirror-markdown";
import type { Node } from "prosemirror-model";
import { schema } from "./schema";

const CITATION = /\[\[[ \t]{0,3}([A-Za-z][A-Za-z0-9]{0,9}-[1-9][0-9]{0,17})[ \t]{0,3}\]\]/y;
const BARE = /https?:\/\/[^\s<>"`*|[\]\\]{1,2000}/y;
const WORD = /[\p{L}\p{N}_]/u;

// The server's own reading (formats/markdown.py): CommonMark without HTML, tables, strike-through.
const reader = new MarkdownIt("commonmark", { html: false, breaks: true }).enable(["table", "strikethrough"]);
reader.inline.ruler.before("link", "citation", (state, silent) => {
  const found = silent ? null : at(CITATION, state);
  if (!found) return false;
  state.push("citation", "", 0).content = (found[1] ?? "").toUpperCase();
  state.pos += found[0].length;
  return true;
});
reader.inline.ruler.before("text", "bare", (state, silent) => {
  if (state.src[state.pos] !== "h" || (state.pos > 0 && WORD.test(state.src[state.pos - 1] ?? "")) || (state as StateInline & { linkLevel: number }).linkLevel > 0) return false;
  const found = at(BARE, state);
  if (!found) return false;
  const shown = found[0].replace(/[.,;:!?'~_)]+$/, "");
  if (!silent) state.push("bare", "", 0).content = shown;
  state.pos += shown.length;
  return true;
});

function at(pattern: RegExp, state: StateInline): RegExpExecArray | null {
  pattern.lastIndex = state.pos;
  const found = pattern.exec(state.src);
  return found && state.pos + found[0].length <= state.posMax ? found : null;
}

let reading: Token[] = [];
const tight = (tokens: readonly Token[], index: number): boolean => {
  const inside = tokens.slice(index + 1).find((one) => one.type !== "list_item_open");
  return inside?.hidden ?? true;
};
const parser = new MarkdownParser(schema, { parse: () => reading } as unknown as MarkdownIt, {
  blockquote: { block: "blockquote" },
  paragraph: { block: "paragraph" },
  list_item: { block: "list_item" },
  bullet_list: { block: "bullet_list", getAttrs: (_, all, index) => ({ tight: tight(all, index) }) },
  ordered_list: { block: "ordered_list", getAttrs: (token, all, index) => ({ order: Number(token.attrGet("start") ?? 1), tight: tight(all, index) }) },
  heading: { block: "heading", getAttrs: (token) => ({ level: Number(token.tag.slice(1)) }) },
  code_block: { block: "code_block", noCloseToken: true },
  fence: { block: "code_block", getAttrs: (token) => ({ params: token.info }), noCloseToken: true },
  hr: { node: "horizontal_rule" },
  softbreak: { node: "hard_break" },
  hardbreak: { node: "hard_break" },
  citation: { node: "cite", getAttrs: (token) => ({ key: token.content }) },
  em: { mark: "em" },
  strong: { mark: "strong" },
  s: { mark: "strike" },
  link: { mark: "link", getAttrs: (token) => ({ href: token.attrGet("href"), title: token.attrGet("title") || null }) },
  code_inline: { mark: "code", noCloseToken: true },
  bare: { mark: "bare", noCloseToken: true },
});

const { nodes, marks } = defaultMarkdownSerializer;
let bullet = "*";
let delimiter = ".";
const writer = new MarkdownSerializer(
  {
    ...nodes,
    paragraph: (state, node) => {
      state.renderInline(node);
      state.closeBlock(node);
    },
    bullet_list: (state, node) => state.renderList(node, "  ", () => `${bullet} `),
    ordered_list: (state, node) => {
      const first = Number(node.attrs["order"]);
      const most = String(first + node.childCount - 1).length;
      state.renderList(node, " ".repeat(most + 2), (index) => `${first + index}${delimiter} `.padEnd(most + 2));
    },
    raw: (state, node) => {
      state.text(node.textContent, false);
      state.closeBlock(node);
    },
    hard_break: (state, node, parent, index) => {
      for (let after = index + 1; after < parent.childCount; after += 1) {
        if (parent.child(after).type !== node.type) {
          state.write("\n");
          (state as MarkdownSerializerState & { atBlockStart: boolean }).atBlockStart = true; // what would begin a list there is escaped
          return;
        }
      }
    },
    cite: (state, node) => state.write(`[[${String(node.attrs["key"])}]]`),
  },
  {
    ...marks,
    strike: { open: "~~", close: "~~", mixable: true, expelEnclosingWhitespace: true },
    bare: { open: "", close: "", escape: false },
  },
  { escapeExtraCharacters: /&(?=#?\w+;)|(?<=^\s*)=(?=[=\s]*$)/g },
);

interface Source {
  text: string;
  place: number;
}
const sources = new WeakMap<Node, Source>();

// The document of a text; its blocks know their words.
export function read(text: string): Node {
  const lines = text.split("\n");
  const env = {};
  const blocks = blocksOf(reader.parse(text, env));
  const made: Node[] = [];
  let from = 0;
  const keep = (node: Node, to: number): void => {
    sources.set(node, { text: lines.slice(from, to).join("\n") + (to < lines.length ? "\n" : ""), place: made.length });
    made.push(node);
    from = to;
  };
  blocks.forEach((tokens, index) => {
    const [begin, end] = tokens[0]?.map ?? [from, from];
    // Lines that no block has and that are not blank are definitions of links: they are kept where they stand.
    if (lines.slice(from, begin).some((line) => line.trim() !== "")) keep(raw(lines.slice(from, begin)), begin);
    const next = blocks[index + 1]?.[0]?.map?.[0] ?? lines.length;
    let to = end;
    while (to < next && (lines[to] ?? "").trim() === "") to += 1;
    keep(known(tokens, lines.slice(begin, end)), to);
  });
  if (lines.slice(from).some((line) => line.trim() !== "")) keep(raw(lines.slice(from)), lines.length);
  if (made.length === 0) made.push(schema.node("paragraph"));
  return schema.node("doc", null, made);
}

function blocksOf(tokens: Token[]): Token[][] {
  const found: Token[][] = [];
  for (const token of tokens) {
    if (token.level === 0 && token.nesting >= 0) found.push([]);
    found.at(-1)?.push(token);
  }
  return found;
}

function raw(lines: string[]): Node {
  const text = lines.join("\n").replace(/^\n+|\s+$/g, "");
  return schema.node("raw", null, text ? [schema.text(text)] : []);
}

// The node of a block, if writing and reading it again gives the same; its words otherwise.
function known(tokens: Token[], lines: string[]): Node {
  try {
    const node = parsed(tokens);
    if (node && node.eq(parsed(reader.parse(write(node), {})) ?? schema.node("raw"))) return node;
  } catch {
    // a token that the editor has no node for
  }
  return raw(lines);
}

function parsed(tokens: Token[]): Node | null {
  reading = tokens;
  const doc = parser.parse("");
  return doc.childCount === 1 ? doc.child(0) : null;
}

// The text of a document: untouched blocks in their own words, others written anew.
export function written(doc: Node): string {
  let out = "";
  let before: Source | undefined;
  doc.forEach((node, _, index) => {
    const source = sources.get(node);
    const together = source !== undefined && before !== undefined && source.place === before.place + 1;
    const text = source?.text ?? afresh(node, out, textOf(doc.maybeChild(index + 1)));
    if (text.trim() !== "" || source !== undefined) {
      if (out !== "" && !together) out = `${out.replace(/\s+$/, "")}\n\n`;
      out += text;
    }
    before = source;
  });
  return doc.lastChild && sources.has(doc.lastChild) ? out : out.replace(/\s+$/, "");
}

// Everything written anew, for tests: what an edited block would become.
export function rewritten(doc: Node): string {
  return doc.children.reduce((out, node) => [out, afresh(node, out, "")].filter((text) => text !== "").join("\n\n"), "");
}

function textOf(node: Node | null): string {
  return node ? (sources.get(node)?.text ?? "") : "";
}

// Lists beside each other stay two by their signs.
function afresh(node: Node, above: string, below: string): string {
  const over = above.slice(above.search(/(?:^|\n\n)(?!\s)(?![\s\S]*\n\n(?!\s))/)).trimStart();
  const taken = [over, below.trimStart()];
  bullet = ["*", "-", "+"].find((sign) => !taken.some((text) => text.startsWith(`${sign} `))) ?? "*";
  delimiter = taken.some((text) => /^\d+\. /.test(text)) ? ")" : ".";
  const text = write(node);
  [bullet, delimiter] = ["*", "."];
  return text;
}

function write(node: Node): string {
  return writer.serialize(schema.node("doc", null, [node]));
}
