// Pages on which long texts are written: the editor takes over their fields.

import { Editor } from "./elements/editor/editor";

for (const field of document.querySelectorAll<HTMLTextAreaElement>("#main form textarea[data-markdown]")) new Editor(field);
