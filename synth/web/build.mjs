// Bundles src/ into FOLDER/page.html and the hashes of what is inline into FOLDER/policy.txt. Usage: node build.mjs FOLDER,
// with the packages of package-lock.json in FOLDER/node_modules.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const folder = resolve(process.argv[2]);
const source = join(dirname(fileURLToPath(import.meta.url)), "src");
const { buildSync } = createRequire(join(folder, "package.json"))("esbuild");

function bundle(entry) {
  const result = buildSync({
    entryPoints: [join(source, entry)],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: ["chrome100", "firefox100", "safari15"],
    nodePaths: [join(folder, "node_modules")],
    legalComments: "none",
  });
  // The file stands within an HTML element: nothing in it may look like the element's end.
  return result.outputFiles[0].text.trim().replaceAll("</", "<\\/").replaceAll("<!--", "<\\!--");
}

const hash = (text) => `'sha256-${createHash("sha256").update(text, "utf8").digest("base64")}'`;
const script = bundle("main.ts");
const style = bundle("style.css");
const page = readFileSync(join(source, "page.html"), "utf8")
  .replace("%STYLE%", () => style)
  .replace("%SCRIPT%", () => script);
writeFileSync(join(folder, "page.html"), page);
writeFileSync(
  join(folder, "policy.txt"),
  `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; img-src data:; base-uri 'none'; form-action 'none'\n`,
);
