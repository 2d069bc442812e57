// The island of a list shown as a table.

import { TlGrid } from "./elements/tl-grid";

customElements.define("tl-grid", TlGrid);
