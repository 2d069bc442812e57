// What a roadmap's pages need beside app.ts, loaded on them alone.

import "./elements/horizons";
import "./elements/timeline";
