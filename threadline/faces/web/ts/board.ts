// The island of a list shown as a board.

import { TlBoard } from "./elements/tl-board";

customElements.define("tl-board", TlBoard);
