// A refused form is met at what is wrong with it; errors at the top of a page can be put away.

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
