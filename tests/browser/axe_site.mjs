// Runs axe on every page of a folder, light and dark, and prints as JSON what is wrong with them.
// usage: node axe_site.mjs FOLDER [WORD...]   pages whose path has one of the words; all without.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const [, , folder, ...words] = process.argv;
const pages = readdirSync(folder, { recursive: true }).filter((path) => path.endsWith(".html") &&
  (!words.length || words.some((word) => path.includes(word)))).sort();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const context = await browser.newContext({
  viewport: { width: 1440, height: 900 }, bypassCSP: true, reducedMotion: "reduce",
});
const page = await context.newPage();
let errors = [];
page.on("pageerror", (error) => errors.push(String(error)));

const told = [];
for (const path of pages) {
  errors = [];
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(pathToFileURL(join(folder, path)).href);
  await page.evaluate(axe);
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    // A report in a frame is a page of its own. In the dark nothing but colours is another.
    const violations = await page.evaluate(async (rules) => {
      const options = { iframes: false, resultTypes: ["violations"], ...(rules && { runOnly: rules }) };
      const found = (await axe.run(document, options)).violations;
      return found.map(({ id, impact, nodes }) =>
        ({ id, impact, nodes: nodes.map((node) => [String(node.target), node.html.slice(0, 160)]) }));
    }, colorScheme === "dark" ? ["color-contrast"] : null);
    told.push({ path, colorScheme, errors, violations });
  }
}
await browser.close();
console.log(JSON.stringify(told));
