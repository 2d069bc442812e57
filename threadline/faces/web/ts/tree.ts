// What the opportunity tree needs beside app.ts: one element, loaded on its page alone.

import "./elements/tree";
