// What the transcript reader needs beside app.ts: one element, loaded on its page alone.

import "./elements/transcript";
