// Bundle each widget library to one module, copy the fonts, and write the licences of everything bundled.

import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const MODULES = join(HERE, "node_modules");
const BUILT = join(HERE, "..", "src", "bimetal", "web", "static", "built");
const SCRIPTS = ["arabic", "khmer", "lao", "myanmar", "thai"];
const ALLOWED = new Set(["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "OFL-1.1"]);

// Under `style-src 'self'` a browser drops style attributes and <style> elements, yet takes the same rules from a script.
// Undo belongs to the page, so no library may listen for it; handles are reached by arrow keys, not one by one.
// Each change must find its text as often as said, so that a new version of a library cannot slip past it.
const CHANGES = {
  "annotorious.es.js": [
    [1, /(\w+)\.getAttribute\((\w+)\) !== (\w+) && \1\.setAttribute\(\2, \3\)/g, '($2 === "style" ? $1.style.cssText = $3 : $&)'],
    [1, /const (\w+) = (\w+) \|\| document, (?=\w+ = \(\w+\) => \{\s+const \w+ = \w+;\s+\w+\.key === "z")/g, "const $1 = $2 || new EventTarget(), "],
    [2, /(\w+)\((\w+), "role", "button"\), \1\(\2, "tabindex", "0"\)/g, '$1($2, "role", "presentation")'],
    [1, /, (\w+)\((\w+), "role", "application"\), \1\(\2, "tabindex", 0\)/g, ', $1($2, "role", "presentation"), $1($2, "tabindex", -1)'],
  ],
  "renderer.js": [
    [1, /<style\$\{cspNonce \? `[^`]*` : ''\}>/g, "<template>"],
    [1, /<\/style>/g, "</template>"],
    [
      1,
      /return \[div, shadow\];/g,
      `const rules = new CSSStyleSheet();
       rules.replaceSync(shadow.querySelector("template").content.textContent);
       shadow.adoptedStyleSheets = [rules];
       $&`,
    ],
  ],
};

await rm(BUILT, { recursive: true, force: true });
await mkdir(BUILT, { recursive: true });
const bundled = new Set([
  ...(await bundle("annotorious", 'export { createImageAnnotator } from "@annotorious/annotorious";')),
  ...(await bundle("wavesurfer", 'export { default } from "wavesurfer.js/dist/wavesurfer.js";')),
]);
await copyFile(join(MODULES, "@annotorious/annotorious/dist/annotorious.css"), join(BUILT, "annotorious.css"));
for (const script of SCRIPTS) {
  const font = `@fontsource-variable/noto-sans-${script}`;
  await copyFile(
    join(MODULES, font, "files", `noto-sans-${script}-${script}-wght-normal.woff2`),
    join(BUILT, `noto-sans-${script}.woff2`),
  );
  bundled.add(font);
}
await writeFile(join(BUILT, "LICENSES.txt"), await licences([...bundled].sort()));

async function bundle(name, contents) {
  const made = await build({
    stdin: { contents, resolveDir: HERE },
    outfile: join(BUILT, `${name}.js`),
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    legalComments: "none", // LICENSES.txt holds them whole
    metafile: true,
    plugins: [{ name: "strict-csp", setup: (task) => task.onLoad({ filter: /(annotorious\.es|renderer)\.js$/ }, changed) }],
    logLevel: "warning",
  });
  return Object.keys(made.metafile.inputs)
    .map((path) => relative(MODULES, join(process.cwd(), path)).split("/"))
    .filter(([first]) => first !== ".." && !first.startsWith("<"))
    .map(([first, second]) => (first.startsWith("@") ? `${first}/${second}` : first));
}

async function changed({ path }) {
  let contents = await readFile(path, "utf8");
  for (const [times, pattern, replacement] of CHANGES[path.split("/").at(-1)]) {
    const found = contents.match(pattern)?.length ?? 0;
    if (found !== times) throw new Error(`${relative(MODULES, path)}: ${pattern} is there ${found} times, expected ${times}`);
    contents = contents.replace(pattern, replacement);
  }
  return { contents, loader: "js" };
}

async function licences(names) {
  const texts = [];
  for (const name of names) {
    const about = JSON.parse(await readFile(join(MODULES, name, "package.json"), "utf8"));
    if (!ALLOWED.has(about.license)) throw new Error(`${name} is under ${about.license}, expected one of ${[...ALLOWED].join(" ")}`);
    const file = (await readdir(join(MODULES, name))).find((each) => /^licen[cs]e/i.test(each));
    const text = file ? await readFile(join(MODULES, name, file), "utf8") : await standard(about);
    texts.push(`${name} ${about.version} (${about.license})\n\n${text.trim()}\n`);
  }
  texts.push(`svelte 4 (MIT), compiled into @annotorious/annotorious\n\n${await standard({ license: "MIT", author: "the Svelte contributors" })}`);
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}

// Some packages name their licence without carrying its text.
async function standard({ license, author }) {
  const holder = author?.name ?? author ?? "its authors";
  return (await readFile(join(HERE, "licences", `${license}.txt`), "utf8")).replace("HOLDER", holder).trim() + "\n";
}
