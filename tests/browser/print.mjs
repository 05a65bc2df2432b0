// Prints pages to tagged A4 PDF in Debian's Chromium; says as JSON what their figures are called.
// usage: node print.mjs PAGE PDF...   (CHROMIUM names the browser, /usr/bin/chromium by default)
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

// Runs in the page: the caption of each figure that prints, and the last text drawn in it.
function figures() {
  const text = (node) => (node?.textContent ?? "").replace(/\s+/g, "");
  return [...document.querySelectorAll("figure")].filter((one) => one.checkVisibility()).map((one) => ({
    caption: text(one.querySelector("figcaption")),
    drawn: [...one.querySelectorAll("svg text")].filter((t) => t.checkVisibility()).map(text).at(-1) ?? "",
  }));
}

const printed = [];
const pairs = process.argv.slice(2);
for (let at = 0; at < pairs.length; at += 2) {
  const [path, pdf] = pairs.slice(at, at + 2);
  const page = await browser.newPage({ viewport: { width: 800, height: 900 } });
  await page.goto(pathToFileURL(path).href);
  await page.emulateMedia({ media: "print" });
  const found = await page.evaluate(figures);
  await page.pdf({
    path: pdf, format: "A4", preferCSSPageSize: true,
    printBackground: true, tagged: true, outline: true,
  });
  printed.push({ path, pdf, figures: found });
  await page.close();
}
await browser.close();
console.log(JSON.stringify(printed));
