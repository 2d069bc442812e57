// Hearing that something changed: one stream for all windows of a browser. The window that
// holds the lock listens and tells the others; without a stream it rings by the clock.

export interface Ring {
  kind?: string;
  key?: string;
  who?: string;
  whoId?: string;
  fields?: string[];
  version?: number;
}
type Hear = (ring: Ring) => void;

const POLL = 3_000; // milliseconds, where there is no stream
const PATIENCE = 3; // refusals in a row before asking by the clock instead

export function listen(slug: string, address: string, hear: Hear): () => void {
  const channel = new BroadcastChannel(`tl-live-${slug}`);
  let stop = (): void => undefined;
  let done = false;
  channel.onmessage = (event) => hear(event.data as Ring);
  const ring: Hear = (one) => {
    hear(one);
    channel.postMessage(one);
  };
  const lead = (): Promise<void> =>
    new Promise((release) => {
      if (done) return release();
      const end = address === "" ? byClock(ring) : byStream(address, ring);
      stop = () => {
        end();
        release();
      };
    });
  if (navigator.locks === undefined) void lead();
  else void navigator.locks.request(`tl-live-${slug}`, lead).catch(() => undefined);
  return () => {
    done = true;
    stop();
    channel.close();
  };
}

function byClock(ring: Hear): () => void {
  const timer = setInterval(() => ring({}), POLL);
  return () => clearInterval(timer);
}

function byStream(address: string, ring: Hear): () => void {
  const source = new EventSource(address, { withCredentials: true });
  let refused = 0;
  let clock: (() => void) | undefined;
  source.addEventListener("open", () => {
    refused = 0;
    clock?.();
    clock = undefined;
    ring({}); // something may have happened while nobody listened
  });
  source.addEventListener("change", (event) => ring(ringOf((event as MessageEvent<string>).data)));
  for (const name of ["reset", "reach"]) source.addEventListener(name, () => ring({}));
  source.addEventListener("error", () => {
    refused += 1;
    if (clock === undefined && (refused >= PATIENCE || source.readyState === EventSource.CLOSED)) clock = byClock(ring);
  });
  return () => {
    source.close();
    clock?.();
  };
}

function ringOf(data: string): Ring {
  const told = JSON.parse(data) as {
    kind: string;
    record: { key: string } | null;
    who: { id: string; name: string } | null;
    fields: string[];
    version: number;
  };
  const made: Ring = { kind: told.kind, fields: told.fields, version: told.version };
  if (told.record) made.key = told.record.key;
  if (told.who) Object.assign(made, { who: told.who.name, whoId: told.who.id });
  return made;
}
