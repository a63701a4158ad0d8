// Takes the picture of the demo's report for the README, or of any width and colour scheme: node report.mjs [WIDTH [light|dark [FILE.png]]]
import { fileURLToPath } from "node:url";
import { bundle, openBrowser } from "./page.mjs";

const [width = "1280", colorScheme = "light", file = fileURLToPath(new URL("docs/images/report.png", bundle))] = process.argv.slice(2);
const browser = await openBrowser();
try {
  const page = await browser.newPage({ viewport: { width: Number(width), height: 1080 }, colorScheme });
  await page.goto(new URL("docs/demo-report.html", bundle).href);
  await page.screenshot({ path: file });
} finally {
  await browser.close();
}
