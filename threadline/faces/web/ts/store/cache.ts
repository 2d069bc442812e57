// Rows kept in the browser between visits, for one person in one workspace. Whatever fails
// here (private windows, a full disk) only means that the rows are fetched again.

import type { Packed } from "./types";

export interface Kept {
  version: string; // of the fields and the role: with another one nothing kept is right
  columns: string[];
  packed: Packed;
  at: number;
}

const NAME = "threadline";
const STORE = "rows";
const DAYS = 14;

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error ?? new Error("no store"));
  });
}

async function run<T>(mode: IDBTransactionMode, use: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
  try {
    const database = await open();
    const found = await new Promise<T>((resolve, reject) => {
      const asked = use(database.transaction(STORE, mode).objectStore(STORE));
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error ?? new Error("no answer"));
    });
    database.close();
    return found;
  } catch {
    return undefined;
  }
}

export async function kept(key: string, version: string, columns: string[]): Promise<Kept | undefined> {
  const found = await run<Kept | undefined>("readonly", (store) => store.get(key) as IDBRequest<Kept | undefined>);
  const fits = found !== undefined && found.version === version && columns.every((one) => found.columns.includes(one));
  return fits && Date.now() - found.at < DAYS * 86_400_000 ? found : undefined;
}

export async function keep(key: string, value: Kept): Promise<void> {
  await run("readwrite", (store) => store.put(value, key));
}

// Before somebody else signs in here: nothing of the last person stays.
export async function forgetOthers(prefix: string): Promise<void> {
  const keys = (await run("readonly", (store) => store.getAllKeys())) ?? [];
  for (const key of keys) if (!String(key).startsWith(prefix)) await run("readwrite", (store) => store.delete(key));
}
