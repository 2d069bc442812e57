// What the outline of requirements needs beside app.ts: one element, loaded on its page alone.

import "./elements/outline";
