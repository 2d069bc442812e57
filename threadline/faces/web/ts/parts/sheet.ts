// The sheet of keys that `?` opens: those that do something here first, then all others.

import { isLive, isSingle, known, said, scopes } from "./keys";
import { make } from "./making";

export function openSheet(root: Document): void {
  const live = known().filter(isLive);
  const off = root.documentElement.dataset["keys"] === "off";
  const shown = live.filter((one) => !off || !one.keys.every(isSingle));
  const groups = Object.entries(scopes()).map(([scope, label]) => ({ label, keys: shown.filter((one) => one.scope === scope) }));
  const dialog = make("dialog", { class: "dialog sheet-of-keys", "aria-labelledby": "keys-title" }, [
    make("header", {}, [make("h2", { id: "keys-title" }, ["Keys that work here"]), make("button", { class: "btn small", type: "button" }, ["Close"])]),
    make(
      "div",
      { class: "key-groups" },
      groups.filter((one) => one.keys.length > 0).map((one) =>
        make("section", {}, [
          make("h3", {}, [one.label]),
          make(
            "dl",
            {},
            one.keys.flatMap((key) => [
              make("dt", {}, key.keys.filter((k) => !off || !isSingle(k)).map((k) => make("kbd", {}, [said(k)]))),
              make("dd", {}, [key.label]),
            ]),
          ),
        ]),
      ),
    ),
    make("p", { class: "sub" }, off ? ["Single keys are turned off in your profile."] : ["Single keys can be changed or turned off in your profile."]),
  ]);
  dialog.querySelector("button")?.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  root.body.append(dialog);
  dialog.showModal();
}
