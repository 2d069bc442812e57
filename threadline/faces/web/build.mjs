// Builds the front end: css/app.css, the sheets it does not bring in and every ts/*.ts become files with hashed names in
// static/web/dist, beside a manifest.json that maps "app.css" to its hashed name.
//   node build.mjs            build once, with .gz and .br beside what compresses
//   node build.mjs --watch    build again when a file changes, unminified
//   node build.mjs --tests    bundle **/*.test.ts for node --test into build/ts-tests
// Without a manifest the product serves css/ as it stands and does without scripts.

import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build, context } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, "../../..");
const out = path.join(here, "static/web/dist");
const watching = process.argv.includes("--watch");

async function filesUnder(folder, fits) {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found.filter((one) => one.isFile() && fits(one.name)).map((one) => path.join(one.parentPath ?? one.path, one.name)).sort();
}

async function entries() {
  const scripts = existsSync(path.join(here, "ts"))
    ? (await readdir(path.join(here, "ts"))).filter((name) => /\.tsx?$/.test(name) && !/\.(test|d)\.ts$/.test(name))
    : [];
  // A sheet that app.css does not bring in is loaded by the few pages that need it, beside the sheet of every page.
  const brought = await readFile(path.join(here, "css/app.css"), "utf8");
  const sheets = (await filesUnder(path.join(here, "css"), (name) => name.endsWith(".css") && !brought.includes(`url("${name}")`)));
  return [...sheets, ...scripts.sort().map((name) => path.join(here, "ts", name))];
}

// "app-1A2B3C4D.css" is what esbuild wrote for "css/app.css".
async function writeManifest(outputs) {
  const named = Object.entries(outputs)
    .filter(([, output]) => output.entryPoint)
    .map(([file, output]) => [path.basename(output.entryPoint).replace(/\.tsx?$/, ".js"), `web/dist/${path.basename(file)}`]);
  const aside = path.join(out, ".manifest.json");
  await writeFile(aside, `${JSON.stringify(Object.fromEntries(named.sort()), null, 2)}\n`);
  await rename(aside, path.join(out, "manifest.json")); // a running server never reads half of it
}

async function removeOld(outputs) {
  const kept = new Set(Object.keys(outputs).map((file) => path.basename(file)));
  for (const name of await readdir(out)) {
    if (name !== "manifest.json" && !kept.has(name.replace(/\.(gz|br)$/, ""))) await rm(path.join(out, name));
  }
}

async function compress(outputs) {
  for (const file of Object.keys(outputs).filter((name) => /\.(css|js|svg)$/.test(name))) {
    const bytes = await readFile(path.join(root, file));
    await writeFile(path.join(root, `${file}.gz`), gzipSync(bytes, { level: 9 }));
    await writeFile(path.join(root, `${file}.br`), brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }));
  }
}

const finish = {
  name: "finish",
  setup(run) {
    run.onEnd(async ({ metafile, errors }) => {
      if (errors.length) return;
      await writeManifest(metafile.outputs);
      if (!watching) await compress(metafile.outputs);
      await removeOld(metafile.outputs);
    });
  },
};

async function buildTests() {
  const folder = path.join(root, "build/ts-tests");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const tests = await filesUnder(path.join(root, "threadline"), (name) => name.endsWith(".test.ts"));
  await build({ entryPoints: tests, bundle: true, format: "esm", platform: "node", outdir: folder, outExtension: { ".js": ".mjs" }, logLevel: "warning" });
}

async function buildPages() {
  await mkdir(out, { recursive: true });
  const options = {
    absWorkingDir: root,
    entryPoints: await entries(),
    entryNames: "[name]-[hash]",
    chunkNames: "chunk-[hash]",
    assetNames: "[name]-[hash]",
    outdir: out,
    bundle: true,
    splitting: true,
    format: "esm",
    target: ["es2022", "chrome111", "firefox115", "safari16.4"],
    loader: { ".svg": "file", ".woff2": "file" },
    minify: !watching,
    sourcemap: watching ? "linked" : false,
    legalComments: "eof",
    metafile: true,
    logLevel: "info",
    plugins: [finish],
  };
  if (watching) await (await context(options)).watch();
  else await build(options);
}

await (process.argv.includes("--tests") ? buildTests() : buildPages());
