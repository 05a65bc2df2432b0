// Plays with the explorer of a page as a reader does, under the page's own policy; prints JSON.
// usage: node explore.mjs PAGE DOTS
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [page_, dots] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
});
const open = async (options) => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const errors = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(pathToFileURL(page_).href);
  return { page, errors };
};
const { page, errors } = await open({});
const read = () => page.evaluate(() => {
  const part = document.getElementById("explorer");
  const text = (name) => part.querySelector(`[data-x=${name}]`).textContent;
  const style = (one) => one.style.left;
  return {
    right: text("right"), wrong: text("wrong"), luck: text("luck"), homes: text("homes"),
    home_luck: text("home-luck"), quote: text("quote"), range: text("range"), said: text("said"),
    marks: ["right", "by-luck", ""].map((look) => [...part.querySelector("[data-x=people]").children]
      .filter((one) => one.className === look).length),
    towns: [...part.querySelector("[data-x=towns]").children].map(style),
    lit: part.querySelectorAll(".x-may").length, ...part.querySelector("[data-x=said]").dataset,
  };
});
const set = (name, value) => page.evaluate(([name, value]) => {
  const one = document.querySelector(name);
  one.value = value;
  one.dispatchEvent(new Event("input"));
}, [name, value]);
const settings = [];
for (let step = 0; step < 7; step++) {
  for (const who of ["addresses", "roll", "neighbour"]) {
    await set("#x-move", step);
    await page.locator(`#x-who-${who}`).check();
    const counts = await read(), seen = [];
    for (const dot of dots.split(",")) {
      await set("#x-dot", dot);
      const { possible, likeliest, lit, said } = await read();
      seen.push({ dot: +dot, possible: +possible, likeliest: +likeliest, lit, said });
    }
    settings.push({ step, who, ...counts, seen });
  }
}
// By keyboard alone: the map is reached by tabs, arrows choose the next dot.
const keyboard = await open({ reducedMotion: "reduce" });
// Before anything is touched, one dot is chosen, and the first step of the slider lights more.
const lit = () => keyboard.page.locator("#explorer .x-may").count();
const opened = { said: await keyboard.page.locator("#explorer [data-x=said]").textContent(), lit: await lit() };
await keyboard.page.locator("#x-move").focus();
await keyboard.page.keyboard.press("ArrowRight");
opened.moved = await lit();
await keyboard.page.keyboard.press("ArrowLeft");
await keyboard.page.locator("#explorer svg").focus();
await keyboard.page.keyboard.press("ArrowRight");
const first = await keyboard.page.locator("#explorer [data-x=said]").textContent();
await keyboard.page.keyboard.press("ArrowRight");
const second = await keyboard.page.locator("#explorer [data-x=said]").textContent();
const still = await keyboard.page.locator("#explorer circle.dot").first()
  .evaluate((one) => getComputedStyle(one).transitionDuration);
// By a finger beside a dot, on a telephone.
const phone = await open({ viewport: { width: 390, height: 800 }, hasTouch: true });
await phone.page.locator("#explorer svg").scrollIntoViewIfNeeded();
await phone.page.waitForTimeout(800);
const place = await phone.page.locator("#explorer circle.dot").first().boundingBox();
await phone.page.touchscreen.tap(place.x - 3, place.y + 2);
const touched = await phone.page.locator("#explorer [data-x=said]").textContent();
// Without a script: nothing of the explorer, the buttons of the first screen work.
const plain = await open({ javaScriptEnabled: false });
const hidden = await plain.page.locator("#explorer").isHidden();
await plain.page.locator("#c1").check();
const told = await plain.page.locator(".told.c1").isVisible();
const buttons = await plain.page.evaluate(() => document.querySelectorAll("[data-copy]:not([hidden])").length);
// With one: the sentence of a figure is copied, by keyboard, and the page says so.
await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
const figure = page.locator("main > section:not(.hero) figure .hand").first();
await figure.locator("summary").focus();
await page.keyboard.press("Enter");
await page.keyboard.press("Tab");
await page.keyboard.press("Enter");
await figure.getByRole("status").filter({ hasText: /./ }).waitFor();
const copied = {
  button: await figure.getByRole("status").textContent(),
  text: await page.evaluate(() => navigator.clipboard.readText()),
  shown: (await figure.locator("blockquote p").textContent()).trim(),
};
await browser.close();
console.log(JSON.stringify({ settings, errors, opened, first, second, still, touched, hidden, told, buttons, copied }));
