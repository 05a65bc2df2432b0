// Touch an area of a map on a telephone without script, then go to another with the keyboard:
// what stands in the line under the map, each time.
import { chromium } from "playwright-core";

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const context = await browser.newContext({
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
  javaScriptEnabled: false,
});
const page = await context.newPage();
await page.goto(`file://${process.argv[2]}`);
const areas = page.locator(".pv.narrow .area");
const lines = async () => {
  const shown = [];
  for (const line of await page.locator(".pv.narrow .say").all()) {
    if (await line.isVisible()) shown.push(await line.textContent());
  }
  return shown;
};
const found = { titles: await areas.locator("title").allTextContents(), before: await lines() };
await areas.nth(0).locator("rect").tap({ force: true });
found.touched = await lines();
if (found.titles.length > 1) await areas.nth(1).focus();
found.focused = await lines();
console.log(JSON.stringify(found));
await browser.close();
