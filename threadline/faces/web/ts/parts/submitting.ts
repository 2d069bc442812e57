// A choice that stands alone in its form is sent as soon as it is made; its button steps aside.

export function submitOnChange(root: ParentNode): void {
  for (const field of root.querySelectorAll<HTMLSelectElement>("select[data-submit]")) {
    const button = field.form?.querySelector<HTMLButtonElement>("button:not([type=button])");
    if (button) button.hidden = true;
    field.addEventListener("change", () => {
      if (field.name === "theme") showTheme(field.value);
      field.form?.requestSubmit();
    });
  }
}

// At once, before the server has answered.
function showTheme(theme: string): void {
  if (theme) document.documentElement.dataset["theme"] = theme;
  else delete document.documentElement.dataset["theme"];
}
