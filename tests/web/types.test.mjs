// The page's TypeScript holds what its types promise; esbuild only strips them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { packages, source } from "./harness.mjs";

test("the page's sources type-check", () => {
  const config = join(packages, "tsconfig.json");
  const web = join(source, "synth/web");
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(web, "tsconfig.json"),
      compilerOptions: { paths: { "d3-*": [join(packages, "node_modules/@types/d3-*")] } },
      include: [join(web, "src")],
    }),
  );
  const { status, stdout } = spawnSync(process.execPath, [join(packages, "node_modules/typescript/bin/tsc"), "-p", config], { encoding: "utf8" });
  assert.equal(status, 0, stdout);
});
