// What a text can hold in the editor. Whatever Markdown has beyond this stands in a `raw` block, as it was written.

import { Schema, type DOMOutputSpec, type Node } from "prosemirror-model";

const list = { tight: { default: true } };

export const schema = new Schema({
  nodes: {
    doc: { content: "block+" },
    paragraph: { content: "inline*", group: "block", parseDOM: [{ tag: "p" }], toDOM: () => ["p", 0] },
    blockquote: { content: "block+", group: "block", defining: true, parseDOM: [{ tag: "blockquote" }], toDOM: () => ["blockquote", 0] },
    horizontal_rule: { group: "block", parseDOM: [{ tag: "hr" }], toDOM: () => ["hr"] },
    heading: {
      attrs: { level: { default: 1 } },
      content: "(text | cite)*",
      group: "block",
      defining: true,
      parseDOM: [
        ...[1, 2, 3, 4, 5, 6].map((level) => ({ tag: `h${level}`, attrs: { level } })),
        { tag: "p[data-level]", priority: 60, getAttrs: (dom) => ({ level: Number((dom as HTMLElement).dataset["level"]) }) },
      ],
      // Within a field it is a line that looks like a heading: the page's own headings stay in their order.
      toDOM: (node) => ["p", { class: `headed level-${String(node.attrs["level"])}`, "data-level": String(node.attrs["level"]) }, 0],
    },
    code_block: {
      attrs: { params: { default: "" } },
      content: "text*",
      marks: "",
      group: "block",
      code: true,
      defining: true,
      parseDOM: [{ tag: "pre", preserveWhitespace: "full" }],
      toDOM: (node) => ["pre", node.attrs["params"] ? { "data-params": String(node.attrs["params"]) } : {}, ["code", 0]],
    },
    raw: {
      content: "text*",
      marks: "",
      group: "block",
      code: true,
      defining: true,
      parseDOM: [{ tag: "pre.raw", preserveWhitespace: "full", priority: 60 }],
      toDOM: () => ["pre", { class: "raw", "aria-label": "Kept as it is written", spellcheck: "false" }, ["code", 0]],
    },
    ordered_list: {
      attrs: { ...list, order: { default: 1 } },
      content: "list_item+",
      group: "block",
      parseDOM: [{ tag: "ol", getAttrs: (dom) => ({ order: Number((dom as HTMLElement).getAttribute("start") ?? 1) }) }],
      toDOM: (node): DOMOutputSpec => ["ol", node.attrs["order"] === 1 ? {} : { start: String(node.attrs["order"]) }, 0],
    },
    bullet_list: { attrs: list, content: "list_item+", group: "block", parseDOM: [{ tag: "ul" }], toDOM: () => ["ul", 0] },
    list_item: { content: "block+", defining: true, parseDOM: [{ tag: "li" }], toDOM: () => ["li", 0] },
    text: { group: "inline" },
    hard_break: { inline: true, group: "inline", selectable: false, parseDOM: [{ tag: "br" }], toDOM: () => ["br"] },
    // A record, cited by its key: one piece, so that nothing tears it.
    cite: {
      attrs: { key: {} },
      inline: true,
      atom: true,
      group: "inline",
      parseDOM: [{ tag: "span[data-cite]", getAttrs: (dom) => ({ key: (dom as HTMLElement).dataset["cite"] }) }],
      toDOM: (node) => ["span", { class: "key", "data-cite": String(node.attrs["key"]) }, `[[${String(node.attrs["key"])}]]`],
      leafText: (node: Node) => `[[${String(node.attrs["key"])}]]`,
    },
  },
  marks: {
    link: {
      attrs: { href: {}, title: { default: null } },
      inclusive: false,
      parseDOM: [{ tag: "a[href]", getAttrs: (dom) => ({ href: (dom as HTMLElement).getAttribute("href"), title: (dom as HTMLElement).getAttribute("title") }) }],
      // No address of its own: a click sets the caret here, and the link is followed where the text is read.
      toDOM: (mark) => ["a", { title: String(mark.attrs["href"]), "data-href": String(mark.attrs["href"]) }],
    },
    em: { parseDOM: [{ tag: "i" }, { tag: "em" }], toDOM: () => ["em"] },
    strong: { parseDOM: [{ tag: "b" }, { tag: "strong" }], toDOM: () => ["strong"] },
    strike: { parseDOM: [{ tag: "s" }, { tag: "del" }], toDOM: () => ["s"] },
    // A bare web address: written as it is, without escapes.
    bare: { inclusive: false, toDOM: () => ["span", { class: "bare" }] },
    code: { code: true, parseDOM: [{ tag: "code" }], toDOM: () => ["code"] },
  },
});
