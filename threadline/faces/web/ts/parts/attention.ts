// A form that is the page is met at its first field, a refused one at what is wrong with it; errors at
// the top of a page can be put away.

export function closeFlashes(root: Document): void {
  for (const note of root.querySelectorAll<HTMLElement>(".flashes .note")) {
    const button = root.createElement("button");
    button.type = "button";
    button.className = "btn quiet small";
    button.textContent = "Dismiss";
    button.addEventListener("click", () => {
      note.remove();
      root.getElementById("main")?.focus();
    });
    note.append(button);
  }
}

// In a part of a page every id has a prefix.
export function focusProblems(root: ParentNode): void {
  root.querySelector<HTMLElement>('[id$="problems"]')?.focus();
}

// Whoever opened a page for its form begins to write. Not with a finger: the keyboard would cover the form.
export function beginForm(root: Document): void {
  const form = root.querySelector<HTMLFormElement>("main > .page > form.form");
  if (!form) return;
  if (root.activeElement !== root.body || location.hash !== "" || !matchMedia("(pointer: fine)").matches) return;
  form.querySelector<HTMLElement>(".field :is(input:not([type=hidden], [type=checkbox], [type=radio]), textarea, select)")?.focus({ preventScroll: true });
}
