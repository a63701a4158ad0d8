// The report of a run as a browser shows it, narrow and wide, light and dark: the demo's, which is of a run with everything.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { bundle, openBrowser } from "./page.mjs";

const REPORT = new URL("docs/demo-report.html", bundle).href;
// What WCAG 2.1 asks of text that is not large (1.4.3).
const LEAST_CONTRAST = 4.5;

let browser;

before(async () => {
  browser = await openBrowser();
});
after(() => browser?.close());

// Opens the report with nothing to be reached but itself. What it asks for all the same is kept, and what its own policy refused.
async function open({ width = 1280, colorScheme = "light" } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, offline: true });
  const page = await context.newPage();
  page.asked = [];
  page.refused = [];
  page.on("request", (request) => page.asked.push(request.url()));
  page.on("console", (message) => page.refused.push(message.text()));
  page.on("pageerror", (error) => page.refused.push(error.message));
  await page.goto(REPORT);
  // A part that is folded away has to be fit to be seen as well.
  await page.evaluate(() => document.querySelectorAll("details").forEach((part) => (part.open = true)));
  return page;
}

// Runs the body with the report open, and closes it whatever comes of that.
async function opened(look, body) {
  const page = await open(look);
  try {
    return await body(page);
  } finally {
    await page.context().close();
  }
}

// Every text that is written on less contrast than that, with what it is.
function faint(least) {
  const channels = (color) => color.match(/[\d.]+/g).map(Number);
  const luminance = (color) => {
    const [red, green, blue] = channels(color).map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const isPainted = (color) => color.startsWith("rgb") && (channels(color)[3] ?? 1) === 1;
  // A drawn text stands on the rectangle beside it, any other on the nearest element that is painted.
  const ground = (element) => {
    const drawn = element.namespaceURI.endsWith("svg") && element.parentElement.querySelector(":scope > rect");
    if (drawn) return getComputedStyle(drawn).fill;
    for (let place = element; place; place = place.parentElement) {
      const { backgroundColor } = getComputedStyle(place);
      if (isPainted(backgroundColor)) return backgroundColor;
    }
    return "rgb(255, 255, 255)";
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let judged = 0;
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.data.trim();
    if (!text || ["STYLE", "TITLE", "title", "desc"].includes(element.tagName)) continue;
    const { color, fill } = getComputedStyle(element);
    const [one, other] = [element.namespaceURI.endsWith("svg") ? fill : color, ground(element)].map(luminance);
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    judged += 1;
    if (contrast < least) found.push(`${contrast.toFixed(2)} of ${element.tagName}.${element.className?.baseVal ?? element.className}: ${text}`);
  }
  return { judged, found };
}

for (const width of [375, 1280]) {
  for (const colorScheme of ["light", "dark"]) {
    describe(`${width} wide, ${colorScheme}`, () => {
      const look = { width, colorScheme };

      test("nothing is wider than the window but what can be scrolled by itself", () =>
        opened(look, async (page) => {
          const wide = await page.evaluate(() => {
            const scrolled = (element) => element.closest(".scroll") && !element.matches(".scroll");
            const sticksOut = (element) => element.getBoundingClientRect().right > innerWidth + 0.5;
            const names = [...document.body.querySelectorAll("*")].filter((element) => !scrolled(element) && sticksOut(element)).map((element) => element.outerHTML.slice(0, 100));
            return { names, page: document.documentElement.scrollWidth };
          });
          assert.deepEqual(wide, { names: [], page: width });
        }));

      test("every text stands out from its ground", () =>
        opened(look, async (page) => {
          const { judged, found } = await page.evaluate(faint, LEAST_CONTRAST);
          assert.ok(judged > 200, `only ${judged} texts were judged`);
          assert.deepEqual(found, []);
        }));

      test("the first stop of the Tab key is a way past the contents, and is seen", () =>
        opened(look, async (page) => {
          const hidden = await page.locator(".skip").boundingBox();
          assert.ok(hidden.x + hidden.width < 0, "it is out of sight before");
          await page.keyboard.press("Tab");
          const place = await page.evaluate(() => {
            const { x, y, width, height } = document.activeElement.getBoundingClientRect();
            const onTop = document.elementFromPoint(x + width / 2, y + height / 2) === document.activeElement;
            const outline = getComputedStyle(document.activeElement).outlineStyle;
            return { name: document.activeElement.className, x, y, right: x + width, onTop, outline };
          });
          assert.equal(place.name, "skip");
          assert.ok(place.x >= 0 && place.y >= 0 && place.right <= width && place.onTop && place.outline !== "none", JSON.stringify(place));
          await page.keyboard.press("Enter");
          assert.equal(await page.evaluate(() => document.activeElement.id), "content");
        }));
    });
  }
}

test("every part has a name, and what is scrolled can be reached with the keyboard", () =>
  opened({}, async (page) => {
    const parts = await page.evaluate(() =>
      [...document.querySelectorAll("section, nav, [role=region]")].map((part) => {
        const by = part.getAttribute("aria-labelledby")?.split(" ").map((id) => document.getElementById(id)?.textContent ?? "");
        return { name: (part.getAttribute("aria-label") ?? by?.join(" ") ?? "").trim(), part: part.outerHTML.slice(0, 80) };
      }),
    );
    assert.ok(parts.length >= 6, JSON.stringify(parts));
    assert.deepEqual(parts.filter(({ name }) => !name), []);
    assert.equal(new Set(parts.map(({ name }) => name)).size, parts.length, "two parts of one name");
    assert.equal(await page.locator(".scroll:not([tabindex='0'])").count(), 0);
  }));

test("the page asks for nothing but itself, and its own policy has nothing to refuse", () =>
  opened({}, async (page) => {
    assert.deepEqual([page.asked, page.refused], [[REPORT], []]);
  }));

test("the demo's report is drawn as the binary draws one now", async () => {
  const [report, style] = await Promise.all([readFile(new URL(REPORT), "utf8"), readFile(new URL("src/report/html/page.css", bundle), "utf8")]);
  assert.ok(report.includes(style.trim()), "make demo-report writes docs/demo-report.html anew");
});
