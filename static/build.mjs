/**
 * Builds the browser code: the customer's call page into static/dist/ and the agent's desk into
 * localconnect/desk/dist/. Entry names are stable, chunks carry their hash, and every file gets
 * .gz and .br siblings, so that no server has to compress anything while it serves.
 */
import { createCipheriv } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const MEASURED_BYTES = 256 * 1024;
const COMPRESSIBLE = /\.(js|css|svg)$/;

/**
 * Of these scripts the page is told what they are made of, so that the browser need not find it out file by file.
 * @type {Record<string, string>}
 */
const PRELOADED = { call: "src/call.js", calling: "src/calling.js" };

/** @type {{outdir: string, entries: Record<string, string>, classic?: Record<string, string>, preloads?: boolean}[]} */
const TARGETS = [
  {
    outdir: join(here, "dist"),
    entries: {
      call: "src/call.js",
      help: "src/help.js",
      admin: "src/admin.js",
      page: "css/page.css",
      icon: "img/icon.svg",
    },
    preloads: true,
    // Other sites load it with a plain <script async>, so it is one classic script.
    classic: { "embed-v1": "src/embed-v1.js" },
  },
  {
    // A bundle of its own: what designers look at must not change how the call page is cut into chunks.
    outdir: join(here, "dist", "gallery"),
    entries: { gallery: "src/gallery.js", page: "css/gallery.css" },
  },
  {
    outdir: join(here, "..", "localconnect", "desk", "dist"),
    entries: { desk: "src/desk.js", page: "css/page.css", icon: "img/icon.svg" },
  },
];

for (const target of TARGETS) {
  await rm(target.outdir, { recursive: true, force: true });
  await mkdir(target.outdir, { recursive: true });
  const { metafile } = await bundle(target);
  if (target.preloads) await writePreloads(target.outdir, metafile.outputs);
  if (target.preloads) await writeFile(join(target.outdir, "measure.bin"), incompressible(MEASURED_BYTES));
  if (target.classic) await bundleClassic(target.outdir, target.classic);
  await compress(target.outdir);
}

/** @param {{outdir: string, entries: Record<string, string>}} target */
async function bundle({ outdir, entries }) {
  return build({
    absWorkingDir: here,
    entryPoints: entries,
    outdir,
    bundle: true,
    metafile: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    minify: true,
    legalComments: "linked",
    chunkNames: "chunks/[name]-[hash]",
    loader: { ".svg": "copy" },
    // The SDK is CommonJS and drags in the AWS messaging client, whose Node build cannot be
    // bundled for browsers; the call never uses it.
    alias: { "@aws-sdk/client-chime-sdk-messaging": "./src/no-messaging-client.js" },
    define: { global: "globalThis" },
    logLevel: "warning",
  });
}

/**
 * What browsers fetch to find out how fast something comes: the same after each build, and of its full size on every line.
 * @param {number} bytes
 */
function incompressible(bytes) {
  return createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(bytes));
}

/** @param {string} outdir @param {import("esbuild").Metafile["outputs"]} outputs */
async function writePreloads(outdir, outputs) {
  const files = Object.fromEntries(
    Object.entries(PRELOADED).map(([name, source]) => {
      const [first] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === source) ?? [];
      return [name, [...importedBy(String(first), outputs)].map((file) => relative(outdir, join(here, file)))];
    }),
  );
  await writeFile(join(outdir, "preloads.json"), JSON.stringify(files));
}

/**
 * @param {string} first
 * @param {import("esbuild").Metafile["outputs"]} outputs
 * @returns {Set<string>} It and all that it cannot run without.
 */
function importedBy(first, outputs) {
  const found = new Set([first]);
  for (const file of found) {
    const imports = outputs[file]?.imports ?? [];
    for (const { kind, path } of imports) if (kind === "import-statement") found.add(path);
  }
  return found;
}

/** @param {string} outdir @param {Record<string, string>} entries */
async function bundleClassic(outdir, entries) {
  await build({
    absWorkingDir: here,
    entryPoints: entries,
    outdir,
    bundle: true,
    format: "iife",
    target: "es2022",
    minify: true,
    logLevel: "warning",
  });
}

/** @param {string} folder */
async function compress(folder) {
  const names = await readdir(folder, { recursive: true });
  await Promise.all(
    names
      .filter((name) => COMPRESSIBLE.test(name))
      .map(async (name) => {
        const path = join(folder, name);
        const content = await readFile(path);
        const [gz, br] = await Promise.all([
          promisify(gzip)(content, { level: 9 }),
          promisify(brotliCompress)(content, {
            params: {
              [constants.BROTLI_PARAM_QUALITY]: 11,
              [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
            },
          }),
        ]);
        await Promise.all([writeFile(`${path}.gz`, gz), writeFile(`${path}.br`, br)]);
      }),
  );
}
