// The page that shows the form: built from app.jsx, opened in a headless Chromium, and driven in the words of its user.
import { build } from "esbuild";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { chromium } from "playwright-core";

const here = new URL("./", import.meta.url);
export const bundle = new URL("../../", here);
const BROWSERS = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
// Enough for a busy machine; a page that answers takes none of it.
const PATIENCE = 30_000;

export const ZONES = [
  { name: "example.com", arn: "arn:aws:route53:::hostedzone/Z0000000000000000001" },
  { name: "example.org", arn: "arn:aws:route53:::hostedzone/Z0000000000000000002" },
];

export async function json(path) {
  return JSON.parse(await readFile(new URL(path, bundle), "utf8"));
}

export async function openBrowser() {
  const executablePath = BROWSERS.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error("no Chromium was found: install Debian's package chromium, or name one in CHROMIUM");
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"];
  return chromium.launch({ executablePath, args, timeout: PATIENCE });
}

export async function html() {
  const [schema, uiSchema, style, script] = await Promise.all([
    json("schema-params.json"),
    json("schema-ui.json"),
    readFile(new URL("form.css", here), "utf8"),
    compiled(),
  ]);
  const data = JSON.stringify({ schema, uiSchema, zones: ZONES });
  // The end tag would end the script element wherever it stands, in a string too.
  const inline = (code) => `<script>${code.replaceAll("</script", "<\\/script")}</script>`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Form</title><style>${style}</style>
    <div id="root"></div>${inline(`window.bundle = ${data}`)}${inline(script)}</html>`;
}

async function compiled() {
  const options = { bundle: true, minify: true, write: false, format: "iife", jsx: "automatic", charset: "ascii" };
  const entryPoints = [new URL("app.jsx", here).pathname];
  const result = await build({ ...options, entryPoints, define: { "process.env.NODE_ENV": '"production"' }, logLevel: "error" });
  return result.outputFiles[0].text;
}

// The form, in the words of somebody who fills it in.
export class FormPage {
  static async open(browser, content) {
    const page = await browser.newPage({ viewport: { width: 690, height: 900 } });
    page.setDefaultTimeout(PATIENCE);
    const form = new FormPage(page);
    page.on("pageerror", (error) => form.failures.push(error.message));
    page.on("console", (message) => message.type() === "error" && form.failures.push(message.text()));
    await page.setContent(content);
    await Promise.race([page.getByLabel("Preset").waitFor(), form.broken()]);
    return form;
  }

  constructor(page) {
    this.page = page;
    this.failures = [];
  }

  // Never ends well: rejects once the page's own code has failed, so that nobody waits for what cannot come.
  broken() {
    return new Promise((_, reject) => {
      if (this.failures.length > 0) reject(new Error(this.failures.join("\n")));
      this.page.once("pageerror", reject);
    });
  }

  choosePreset(label) {
    return this.page.getByLabel("Preset").selectOption(label);
  }

  // A field by the label that it is shown with, in the n-th group of its kind.
  field(label, index = 0) {
    return this.page.getByLabel(label).nth(index);
  }

  async enableIngress() {
    await this.page.getByLabel("Enable ingress").check();
    await this.field("Default domain").waitFor();
  }

  // Adds an entry to the list of this path, such as `cluster_instances`.
  add(path) {
    return this.page.locator(`#root_${path}__add`).click();
  }

  control(path) {
    return this.page.locator(`#root_${path}`);
  }

  // The labels that are shown below a list or an object, in their order and without the marks of required fields.
  async labels(selector = "form") {
    const texts = await this.page.locator(`${selector} label`).allInnerTexts();
    return texts.map((text) => text.replace("*", "").trim());
  }

  // What is said of the field of this path, such as `cluster_instances_0_name`.
  async saidOf(path) {
    const field = this.page.locator(".rjsf-field").filter({ has: this.control(path) }).last();
    return (await field.locator(".text-danger").allInnerTexts()).join("\n").trim();
  }

  // Presses the button; the text that would be sent, or undefined where the form is not content.
  async submit() {
    const attempts = Number(await this.page.locator("main").getAttribute("data-attempts"));
    await this.page.getByRole("button", { name: "Submit" }).click();
    await this.page.locator(`main[data-attempts="${attempts + 1}"]`).waitFor();
    const output = this.page.locator("output");
    return (await output.count()) ? output.textContent() : undefined;
  }
}
