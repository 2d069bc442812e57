// What the affinity board needs beside app.ts: one element, loaded on its page alone.

import "./elements/affinity";
