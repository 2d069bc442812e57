// The editor over a field of Markdown. The field stays: it is what the form sends, and what is there without a script.

import { baseKeymap, chainCommands, exitCode, lift, setBlockType, toggleMark, wrapIn } from "prosemirror-commands";
import { history, redo, undo } from "prosemirror-history";
import { InputRule, inputRules, textblockTypeInputRule, wrappingInputRule } from "prosemirror-inputrules";
import { keymap } from "prosemirror-keymap";
import { Slice, type MarkType, type Node, type NodeType } from "prosemirror-model";
import { liftListItem, sinkListItem, splitListItem, wrapInList } from "prosemirror-schema-list";
import { EditorState, Plugin, TextSelection, type Command } from "prosemirror-state";
import { Decoration, DecorationSet, EditorView } from "prosemirror-view";
import { make } from "../../parts/making";
import { read, written } from "./blocks";
import { askedFor, Offer, type Found } from "./completing";
import { schema } from "./schema";

const { nodes, marks } = schema;
const PLAIN = "tl-plain-text"; // remembered: somebody who wants the signs wants them everywhere

interface Tool {
  label: string;
  shown: string;
  keys?: string;
  run: Command;
  on?: (state: EditorState) => boolean;
}

export class Editor {
  private view: EditorView | null = null;
  private readonly place: HTMLElement;
  private readonly bar: HTMLElement;
  private readonly label: string;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly field: HTMLTextAreaElement) {
    this.label = field.labels[0]?.textContent.trim() ?? "Text";
    this.place = make("div", { class: "writing" });
    this.bar = make("div", { class: "writing-bar", role: "toolbar", "aria-label": `Formatting of ${this.label.toLowerCase()}` });
    field.after(this.place);
    this.place.append(this.bar, field);
    field.form?.addEventListener("formdata", () => this.flush());
    field.form?.addEventListener("submit", () => this.flush(), { capture: true });
    field.labels[0]?.addEventListener("click", () => this.view?.focus());
    if (localStorage.getItem(PLAIN)) this.showSigns();
    else this.showText();
  }

  // What the field holds is what the editor shows; asked for before anything reads the field.
  flush(): void {
    clearTimeout(this.timer);
    if (this.view) this.field.value = written(this.view.state.doc);
  }

  private showText(): void {
    const holder = make("div", { class: "writing-text prose" });
    this.field.hidden = true;
    this.place.append(holder);
    this.view = new EditorView(holder, {
      state: EditorState.create({ doc: read(this.field.value), plugins: this.plugins() }),
      attributes: {
        role: "textbox",
        "aria-multiline": "true",
        "aria-label": this.label,
        id: `${this.field.id}-text`,
        name: this.field.name,
        ...(this.field.getAttribute("aria-describedby") ? { "aria-describedby": this.field.getAttribute("aria-describedby") ?? "" } : {}),
      },
      clipboardTextParser: (text) => new Slice(read(text.replace(/\r\n?/g, "\n")).content, 0, 0),
      clipboardTextSerializer: (slice) => {
        const whole = schema.topNodeType.createAndFill(null, slice.content);
        return whole ? written(whole) : slice.content.textBetween(0, slice.content.size, "\n\n");
      },
      dispatchTransaction: (change) => {
        const { view } = this;
        if (!view) return;
        view.updateState(view.state.apply(change));
        if (change.docChanged) {
          clearTimeout(this.timer);
          this.timer = setTimeout(() => this.flush(), 300);
        }
        this.mark();
      },
    });
    this.draw();
  }

  private showSigns(): void {
    this.flush();
    this.view?.destroy();
    this.view = null;
    this.place.querySelector(".writing-text")?.remove();
    this.field.hidden = false;
    this.draw();
  }

  private plugins(): Plugin[] {
    const list = nodes.list_item;
    return [
      inputRules({
        rules: [
          textblockTypeInputRule(/^(#{1,6})\s$/, nodes.heading, (match) => ({ level: (match[1] ?? "#").length })),
          textblockTypeInputRule(/^```$/, nodes.code_block),
          wrappingInputRule(/^\s*>\s$/, nodes.blockquote),
          wrappingInputRule(/^\s*([-+*])\s$/, nodes.bullet_list),
          wrappingInputRule(/^(\d{1,4})\.\s$/, nodes.ordered_list, (match) => ({ order: Number(match[1]) })),
          new InputRule(/\[\[([A-Za-z][A-Za-z0-9]{0,9}-[1-9][0-9]{0,8})\]\]$/, (state, match, start, end) =>
            state.tr.replaceWith(start, end, nodes.cite.create({ key: (match[1] ?? "").toUpperCase() })),
          ),
        ],
      }),
      this.completion(), // before the keys below: Enter takes what is offered
      keymap({
        "Mod-z": undo,
        "Mod-y": redo,
        "Shift-Mod-z": redo,
        ...Object.fromEntries(TOOLS.flatMap((tool) => (tool.keys ? [[tool.keys, tool.run]] : []))),
        Enter: splitListItem(list),
        "Shift-Enter": chainCommands(exitCode, (state, dispatch) => {
          dispatch?.(state.tr.replaceSelectionWith(nodes.hard_break.create()).scrollIntoView());
          return true;
        }),
        "Mod-]": sinkListItem(list),
        "Mod-[": liftListItem(list),
        "Mod-Enter": () => {
          this.field.form?.requestSubmit();
          return true;
        },
      }),
      keymap(baseKeymap),
      history(),
      new Plugin({ props: { decorations: (state) => liveParts(state.doc) } }),
    ];
  }

  private completion(): Plugin {
    let offer: Offer | null = null;
    let begin = 0;
    const take = (view: EditorView, found: Found): void => {
      const to = view.state.selection.from;
      view.dispatch(view.state.tr.replaceWith(begin, to, [nodes.cite.create({ key: found.key }), schema.text(" ")]).scrollIntoView());
      view.focus();
    };
    return new Plugin({
      view: (view) => {
        offer = new Offer(view.dom, (found) => take(view, found));
        return {
          update: (now) => {
            const { $from, empty } = now.state.selection;
            const before = empty && !$from.parent.type.spec.code ? $from.parent.textBetween(0, $from.parentOffset, "\n", "\ufffc") : "";
            const asked = now.hasFocus() ? askedFor(before) : null;
            if (asked === null) return offer?.hide();
            begin = $from.pos - asked.length - 2;
            offer?.show(asked, now.coordsAtPos($from.pos));
          },
          destroy: () => offer?.hide(),
        };
      },
      props: {
        handleDOMEvents: {
          keydown: (_, event) => offer?.press(event) ?? false,
          blur: () => {
            offer?.hide();
            return false;
          },
        },
      },
    });
  }

  // ---- the bar ----

  private draw(): void {
    const { view } = this;
    const toggle = make("button", { class: "btn quiet small end", type: "button", "aria-pressed": String(view === null) }, ["Plain text"]);
    toggle.addEventListener("click", () => {
      if (this.view) {
        localStorage.setItem(PLAIN, "yes");
        this.showSigns();
        this.field.focus();
      } else {
        localStorage.removeItem(PLAIN);
        this.showText();
        this.place.querySelector<HTMLElement>("[contenteditable]")?.focus();
      }
    });
    const tools = view ? TOOLS.map((tool) => this.button(view, tool)) : [];
    this.bar.replaceChildren(...tools, toggle);
    this.mark();
  }

  private button(view: EditorView, tool: Tool): HTMLButtonElement {
    const hint = tool.keys ? `${tool.label} (${tool.keys.replace("Mod", "Ctrl").replaceAll("-", " ")})` : tool.label;
    const made = make("button", { class: "btn quiet small", type: "button", title: hint, "aria-label": tool.label, "aria-pressed": "false", "data-shown": tool.shown });
    made.addEventListener("mousedown", (event) => event.preventDefault());
    made.addEventListener("click", () => {
      tool.run(view.state, view.dispatch, view);
      view.focus();
    });
    return made;
  }

  private mark(): void {
    const { view } = this;
    if (!view) return;
    TOOLS.forEach((tool, n) => {
      const button = this.bar.children[n];
      button?.setAttribute("aria-pressed", String(tool.on?.(view.state) ?? false));
    });
  }
}

// Live parts are words to the editor; they look like what they are.
function liveParts(doc: Node): DecorationSet {
  const found: Decoration[] = [];
  doc.descendants((node, at) => {
    if (node.type.spec.code) return false;
    if (!node.isText) return true;
    for (const part of (node.text ?? "").matchAll(/\{\{[a-z]+ [A-Z][A-Z0-9]*-\d+\}\}/g)) {
      found.push(Decoration.inline(at + part.index, at + part.index + part[0].length, { class: "live-part" }));
    }
    return true;
  });
  return DecorationSet.create(doc, found);
}

// ---- what the bar and the keys do ---------------------------------------------------------

function holds(type: MarkType): (state: EditorState) => boolean {
  return ({ selection: { from, to, $from, empty }, storedMarks, doc }) => (empty ? type.isInSet(storedMarks ?? $from.marks()) !== undefined : doc.rangeHasMark(from, to, type));
}

function within(type: NodeType, attrs: Record<string, unknown> = {}): (state: EditorState) => boolean {
  return ({ selection: { $from } }) => {
    for (let depth = $from.depth; depth > 0; depth -= 1) {
      const node = $from.node(depth);
      if (node.type === type && Object.entries(attrs).every(([name, value]) => node.attrs[name] === value)) return true;
    }
    return false;
  };
}

function turned(type: NodeType, attrs: Record<string, unknown> = {}): Command {
  return (state, dispatch) => (within(type, attrs)(state) ? setBlockType(nodes.paragraph) : setBlockType(type, attrs))(state, dispatch);
}

function wrapped(type: NodeType, wrap: Command): Command {
  return (state, dispatch, view) => (within(type)(state) ? lift : wrap)(state, dispatch, view);
}

const linked: Command = (state, dispatch, view) => {
  if (holds(marks.link)(state)) return toggleMark(marks.link)(state, dispatch);
  if (state.selection.empty || !view) return false;
  askAddress((href) => {
    toggleMark(marks.link, { href })(view.state, view.dispatch);
    view.focus();
  });
  return true;
};

function askAddress(use: (href: string) => void): void {
  const input = make("input", { class: "input", type: "url", id: "link-address", required: true, placeholder: "https://", autocomplete: "off" });
  const cancel = make("button", { class: "btn quiet", type: "button" }, ["Not now"]);
  const form = make("form", { method: "dialog" }, [
    make("div", { class: "field" }, [make("label", { for: "link-address" }, ["Where the words lead"]), input]),
    make("div", { class: "buttons" }, [cancel, make("button", { class: "btn go" }, ["Link"])]),
  ]);
  const dialog = make("dialog", { class: "dialog", "aria-label": "Link" }, [form]);
  form.addEventListener("submit", () => use(input.value));
  cancel.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

const citing: Command = (state, dispatch) => {
  const change = state.tr.insertText("[[");
  dispatch?.(change.setSelection(TextSelection.create(change.doc, change.selection.from)).scrollIntoView());
  return true;
};

const TOOLS: Tool[] = [
  { label: "Bold", shown: "B", keys: "Mod-b", run: toggleMark(marks.strong), on: holds(marks.strong) },
  { label: "Italic", shown: "I", keys: "Mod-i", run: toggleMark(marks.em), on: holds(marks.em) },
  { label: "Code", shown: "<>", keys: "Mod-e", run: toggleMark(marks.code), on: holds(marks.code) },
  { label: "Heading", shown: "H1", keys: "Mod-Alt-1", run: turned(nodes.heading, { level: 1 }), on: within(nodes.heading, { level: 1 }) },
  { label: "Smaller heading", shown: "H2", keys: "Mod-Alt-2", run: turned(nodes.heading, { level: 2 }), on: within(nodes.heading, { level: 2 }) },
  { label: "List", shown: "•", keys: "Mod-Shift-8", run: wrapped(nodes.bullet_list, wrapInList(nodes.bullet_list)), on: within(nodes.bullet_list) },
  { label: "Numbered list", shown: "1.", keys: "Mod-Shift-7", run: wrapped(nodes.ordered_list, wrapInList(nodes.ordered_list)), on: within(nodes.ordered_list) },
  { label: "Quotation", shown: "”", keys: "Mod-Shift-9", run: wrapped(nodes.blockquote, wrapIn(nodes.blockquote)), on: within(nodes.blockquote) },
  { label: "Link", shown: "↗", run: linked, on: holds(marks.link) },
  { label: "Cite a record", shown: "[[", run: citing },
];
