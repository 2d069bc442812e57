// The two answers that want words: a reason for declining, a title for a new feature. Enter sends,
// Escape puts them away, and in an empty reason a digit takes one that was given lately.

export function bindAnswers(pane: HTMLElement): void {
  const all = [...pane.querySelectorAll<HTMLDetailsElement>("[data-answer]")];
  for (const one of all) {
    const field = one.querySelector<HTMLInputElement | HTMLTextAreaElement>("input[name=title], textarea");
    const reasons = [...one.querySelectorAll<HTMLButtonElement>("[data-reason]")];
    if (!field) continue;
    // Not the toggle event: it comes a moment later, when a quick second key is already here.
    one.querySelector("summary")?.addEventListener("click", (event) => {
      event.preventDefault();
      one.open = !one.open;
      if (!one.open) return;
      for (const other of all) if (other !== one) other.open = false;
      field.focus();
      if (field instanceof HTMLInputElement) field.select();
      one.scrollIntoView({ block: "nearest" });
    });
    for (const button of reasons) button.addEventListener("click", () => take(field, button));
    field.addEventListener("keydown", (event) => {
      const key = (event as KeyboardEvent).key;
      const chosen = field.value === "" ? reasons[Number(key) - 1] : undefined;
      if (chosen) take(field, chosen);
      else if (key === "Enter" && !(event as KeyboardEvent).shiftKey) field.form?.requestSubmit(field.form.querySelector("button:not([type=button])"));
      else if (key === "Escape") putAway(one);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }
}

function take(field: HTMLInputElement | HTMLTextAreaElement, button: HTMLButtonElement): void {
  field.value = button.dataset["reason"] ?? "";
  field.focus();
}

function putAway(one: HTMLDetailsElement): void {
  one.open = false;
  one.querySelector("summary")?.focus();
}
