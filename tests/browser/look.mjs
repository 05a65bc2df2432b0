// Opens pages in Debian's Chromium and prints as JSON what is wrong with them and how they print.
// usage: node look.mjs PAGE...   (CHROMIUM names the browser, /usr/bin/chromium by default)
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

// Runs in the page. axe is put in by the debugger, which the page's policy does not bind.
function measure() {
  const seen = [...document.querySelectorAll("body *")].filter((node) =>
    [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()) &&
    node.getClientRects().length && getComputedStyle(node).visibility !== "hidden");
  const size = (node) => {
    const box = node.ownerSVGElement && node.getScreenCTM
      ? Math.hypot(node.getScreenCTM().c, node.getScreenCTM().d) : 1;
    return parseFloat(getComputedStyle(node).fontSize) * box;
  };
  const words = (part) => (part?.innerText ?? "").split(/\s+/).filter(Boolean).length;
  const placed = [...document.querySelectorAll("svg .place, svg .mark, svg .metres")]
    .filter((node) => node.getClientRects().length && !node.closest("#explorer"))
    .reduce((sum, node) => sum + node.textContent.split(/\s+/).filter(Boolean).length, 0);
  const small = seen.map((node) => [size(node), node.textContent.trim().slice(0, 30)])
    .filter(([px]) => px < 10.95);
  return {
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    small: small.sort((a, b) => a[0] - b[0]).slice(0, 3),
    // The story: what is to be read from top to bottom. The explorer is to be played with, the
    // files of a figure are to be taken, what a closed element holds is annexed, and the names, the
    // mark and the length on a map are no text.
    words: words(document.body) - words(document.getElementById("explorer")) - placed -
      [...document.querySelectorAll(".hand")].reduce((all, part) => all + words(part), 0),
    // Maps that stand side by side to be compared are one figure.
    figures: document.querySelectorAll("figure:not(.panels figure + figure, #explorer figure)").length,
    height: document.documentElement.scrollHeight,
  };
}

// Marks each row that looks as an earlier one of its table: of those the contrast is known, and
// looking at 5,000 cells for it takes longer than all else.
function markAlike() {
  const look = (node) => {
    const style = getComputedStyle(node);
    return [node.tagName, node.getAttribute("style"), style.color, style.backgroundColor,
      style.backgroundImage, style.opacity, style.fontSize, style.fontWeight, style.textShadow,
      style.position, style.display, style.visibility].join();
  };
  for (const table of document.querySelectorAll("table")) {
    const seen = new Set();
    for (const row of table.rows) {
      const looks = [row.parentNode, row, ...row.querySelectorAll("*")].map(look).join("|");
      row.toggleAttribute("data-alike", seen.has(looks));
      seen.add(looks);
    }
  }
}

// Contrast, where asked, but for rows that look as one that is looked at; and all other rules on the
// whole page, where asked: they do not depend on colours.
async function violations([contrast, others]) {
  const rest = others && await axe.run({ rules: { "color-contrast": { enabled: false } } });
  const seen = contrast &&
    await axe.run({ exclude: [["[data-alike]"]] }, { runOnly: ["color-contrast"] });
  return [...(rest.violations ?? []), ...(seen.violations ?? [])].map(
    (one) => `${one.id}: ${one.nodes[0].target} (${one.nodes.length})`);
}

const told = [];
for (const path of process.argv.slice(2)) {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1440, 800, 390]) {
      const context = await browser.newContext({
        viewport: { width, height: 900 }, colorScheme, bypassCSP: true,
      });
      const page = await context.newPage();
      const asked = [], errors = [];
      page.on("request", (request) => asked.push(request.url()));
      page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
      page.on("pageerror", (error) => errors.push(String(error)));
      await page.goto(pathToFileURL(path).href);
      const found = await page.evaluate(measure);
      await page.evaluate(axe);
      await page.evaluate(markAlike);
      told.push({
        path, colorScheme, width, ...found, requests: asked.length - 1, errors,
        // Between the widest and the narrowest no colour changes.
        violations: await page.evaluate(violations, [width !== 800, colorScheme === "light"]),
      });
      if (width === 800 && colorScheme === "light") {
        const pdf = await page.pdf({ format: "A4", preferCSSPageSize: true });
        told.at(-1).pages = (pdf.toString("latin1").match(/\/Type\s*\/Page\b/g) ?? []).length;
      }
      await context.close();
    }
  }
}
await browser.close();
console.log(JSON.stringify(told));
