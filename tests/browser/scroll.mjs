// Scrolls through the street of the invented family in Debian's Chromium and prints as JSON what it shows.
// usage: node scroll.mjs PAGE   (CHROMIUM names the browser, /usr/bin/chromium by default)
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const url = pathToFileURL(process.argv[2]).href;

// Steps and pictures that take room on the page, and the layers of the map that follows.
function shown() {
  const part = document.getElementById("one-street");
  const there = (node) => node.getClientRects().length > 0 && node.getBoundingClientRect().height > 20;
  return {
    steps: [...part.querySelectorAll("[data-step]")].filter(there).map((one) => one.dataset.step),
    stills: [...part.querySelectorAll(".still")].filter(there).length,
    now: there(part.querySelector(".now")),
    layers: [...part.querySelectorAll("[data-at]")]
      .filter((one) => getComputedStyle(one).opacity === "1").map((one) => one.dataset.at),
    at: [...part.querySelectorAll(".at[data-step]")].map((one) => one.dataset.step),
    thrice: [...document.querySelectorAll(".thrice svg")].filter(there).length,
    focusable: part.querySelectorAll("a, button, input, [tabindex]").length,
  };
}

async function opened(options) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.asked = [];
  page.errors = [];
  page.on("request", (request) => page.asked.push(request.url()));
  page.on("console", (message) => message.type() === "error" && page.errors.push(message.text()));
  page.on("pageerror", (error) => page.errors.push(String(error)));
  await page.goto(url);
  return page;
}

const told = { widths: [] };
for (const width of [1440, 800, 390]) {
  const page = await opened({ viewport: { width, height: 900 }, reducedMotion: "reduce" });
  const visited = [];
  for (const step of await page.$$("#one-street [data-step]")) {
    await step.evaluate((node) => node.scrollIntoView({ block: "center" }));
    await page.waitForTimeout(150);
    const map = await page.$eval(".now", (node) => {
      const { top, bottom } = node.getBoundingClientRect();
      return { top, bottom, still: getComputedStyle(node.querySelector("[data-at]")).transitionDuration };
    });
    visited.push({ step: await step.getAttribute("data-step"), map, ...(await page.evaluate(shown)) });
  }
  told.widths.push({ width, visited, requests: page.asked.length - 1, errors: page.errors });
  if (width === 1440) {
    await page.emulateMedia({ media: "print" });
    told.print = await page.evaluate(shown);
  }
  await page.context().close();
}
// Playwright evaluates in pages whose own scripts are off, too.
const plain = await opened({ javaScriptEnabled: false });
told.plain = await plain.evaluate(shown);
await browser.close();
console.log(JSON.stringify(told));
