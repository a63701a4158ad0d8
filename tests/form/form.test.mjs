// The form as a developer meets it, and whether the provisioner takes what it sends.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { FormPage, ZONES, bundle, html, json, openBrowser } from "./page.mjs";

const target = process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL("target/", bundle));
const binary = process.env.BINARY ?? join(target, "debug/aws-ecs-cluster");
const PRESETS = { Development: "t3.medium", Production: "c5.2xlarge" };
const GROUP = ["Name", "Instance type", "Minimum size", "Maximum size", "Disk size (GiB)", "Refresh of instances"];

let browser, content, form;

before(async () => {
  [browser, content] = await Promise.all([openBrowser(), html()]);
});
after(() => browser?.close());

// A fresh form for each test, which must not have complained in the browser's console by its end.
function fact(name, body) {
  test(name, async () => {
    form = await FormPage.open(browser, content);
    try {
      await body();
      assert.deepEqual(form.failures, []);
    } finally {
      await form.page.close();
    }
  });
}

// Hands the text to the provisioner as the platform does: as it was sent, with the metadata added at the top level.
async function validate(submitted) {
  const { md_metadata } = await json("tests/scenarios/empty-account/params.json");
  const folder = await mkdtemp(join(tmpdir(), "form-"));
  try {
    await writeFile(join(folder, "params.json"), `${submitted.slice(0, -1)},"md_metadata":${JSON.stringify(md_metadata)}}`);
    await writeFile(join(folder, "connections.json"), await readFile(new URL("tests/scenarios/empty-account/connections.json", bundle)));
    return await run(["--dir", folder, "validate"]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function run(args) {
  return new Promise((done) => {
    execFile(binary, args, (error, stdout, stderr) => done({ status: error ? (error.code ?? error.signal) : 0, stdout, stderr }));
  });
}

async function accepted() {
  const submitted = await form.submit();
  assert.ok(submitted, `the form is not content: ${await form.page.locator(".text-danger").allInnerTexts()}`);
  const { status, stdout, stderr } = await validate(submitted);
  // In one line, so that nothing is warned of either.
  assert.match(stderr, /^The inputs are valid: [^\n]*\n$/, submitted);
  assert.deepEqual({ status, stdout }, { status: 0, stdout: "" }, submitted);
  return JSON.parse(submitted).cluster;
}

// Kept for the README; they are only taken anew when asked for, since every Chromium draws letters a little differently.
async function picture(name, part = "main") {
  if (!process.env.UPDATE_IMAGES) return;
  await form.page.locator(part).screenshot({ path: fileURLToPath(new URL(`docs/images/${name}.png`, bundle)) });
}

describe("presets", () => {
  for (const [label, instanceType] of Object.entries(PRESETS)) {
    fact(`${label} fills the form, and the provisioner accepts it`, async () => {
      await form.choosePreset(label);
      await picture(`form-${label.toLowerCase()}`);
      const cluster = await accepted();
      const defaults = { root_volume_gb: 30, node_refresh: "never" };
      assert.deepEqual(cluster.instances, [{ name: "instances", instance_type: instanceType, min_size: 1, max_size: 10, ...defaults }]);
      assert.deepEqual([cluster.ingress, cluster.container_insights], [{ enable_ingress: false }, "enabled"]);
    });
  }

  fact("choosing another one replaces what the first filled in", async () => {
    await form.choosePreset("Development");
    await form.choosePreset("Production");
    const { instances } = await accepted();
    assert.deepEqual(instances.map((group) => group.instance_type), ["c5.2xlarge"]);
  });
});

describe("instance groups", () => {
  fact("an empty form is a cluster for Fargate alone", async () => {
    assert.deepEqual((await accepted()).instances, []);
  });

  fact("a new group shows its fields in order, with defaults", async () => {
    await form.add("cluster_instances");
    assert.deepEqual(await form.labels(".rjsf-array-item"), GROUP);
    const values = await Promise.all(GROUP.slice(2, 5).map((label) => form.field(label).inputValue()));
    assert.deepEqual(values, ["1", "10", "30"]);
    const refresh = form.field("Refresh of instances");
    assert.match(await refresh.locator("option:checked").innerText(), /^Never/);
  });

  fact("a new group asks for its name, and for nothing else", async () => {
    await form.add("cluster_instances");
    assert.equal(await form.submit(), undefined);
    assert.match(await form.saidOf("cluster_instances_0_name"), /required/);
    assert.equal(await form.page.locator(".text-danger").count(), 1);
    await form.field("Name").fill("web");
    assert.deepEqual((await accepted()).instances.map((group) => group.instance_type), ["t3.medium"]);
  });

  fact("two groups of one's own are accepted", async () => {
    for (const [index, [name, type]] of [["web", "m7g.large"], ["gpu", "g5.xlarge"]].entries()) {
      await form.add("cluster_instances");
      await form.control(`cluster_instances_${index}_name`).fill(name);
      const choice = form.control(`cluster_instances_${index}_instance_type`);
      await choice.selectOption(await choice.locator("option", { hasText: `: ${type} (` }).getAttribute("value"));
    }
    await form.control("cluster_instances_1_min_size").fill("0");
    await form.control("cluster_instances_1_max_size").fill("4");
    const { instances } = await accepted();
    assert.deepEqual(instances.map(({ name, instance_type, min_size, max_size }) => [name, instance_type, min_size, max_size]), [
      ["web", "m7g.large", 1, 10],
      ["gpu", "g5.xlarge", 0, 4],
    ]);
  });

  fact("a name that AWS would refuse is answered in our own words", async () => {
    await form.choosePreset("Development");
    await form.field("Name").fill("My group!");
    assert.equal(await form.submit(), undefined);
    const { properties } = await json("schema-params.json");
    const said = await form.saidOf("cluster_instances_0_name");
    assert.equal(said, properties.cluster.properties.instances.items.properties.name.message.pattern);
  });

  fact("a number out of its bounds is refused at its field", async () => {
    await form.choosePreset("Development");
    await form.field("Maximum size").fill("1001");
    await form.field("Disk size").fill("8");
    assert.equal(await form.submit(), undefined);
    assert.match(await form.saidOf("cluster_instances_0_max_size"), /<= 1000/);
    assert.match(await form.saidOf("cluster_instances_0_root_volume_gb"), />= 30/);
  });

  fact("what the form cannot compare is refused by the provisioner", async () => {
    await form.choosePreset("Development");
    await form.field("Minimum size").fill("20");
    const { status, stderr } = await validate(await form.submit());
    assert.equal(status, 2);
    assert.match(stderr, /max_size/);
  });
});

describe("ingress", () => {
  fact("its fields are there once it is on, and the default domain is required", async () => {
    await form.choosePreset("Production");
    assert.equal(await form.page.getByText("Default domain").count(), 0);
    await form.enableIngress();
    const shown = await form.labels("fieldset#root_cluster_ingress");
    assert.deepEqual(shown.slice(0, 2), ["Enable ingress", "Default domain"]);
    assert.equal(await form.submit(), undefined);
    assert.match(await form.saidOf("cluster_ingress_default_route53_hosted_zone"), /required/);
  });

  fact("domains are picked by name and sent as the platform's picker sends them", async () => {
    await form.choosePreset("Production");
    await form.enableIngress();
    await form.field("Default domain").selectOption("example.com");
    await form.add("cluster_ingress_additional_route53_hosted_zones");
    await form.control("cluster_ingress_additional_route53_hosted_zones_0").selectOption("example.org");
    await picture("form-ingress", "#root_cluster_ingress");
    assert.deepEqual((await accepted()).ingress, {
      enable_ingress: true,
      default_route53_hosted_zone: ZONES[0].arn,
      additional_route53_hosted_zones: [ZONES[1].arn],
      allowed_cidrs: ["0.0.0.0/0"],
    });
  });

  fact("a network that is none is answered in our own words", async () => {
    await form.enableIngress();
    await form.field("Default domain").selectOption("example.com");
    await form.control("cluster_ingress_allowed_cidrs_0").fill("10.0.0.0");
    assert.equal(await form.submit(), undefined);
    assert.match(await form.saidOf("cluster_ingress_allowed_cidrs_0"), /CIDR notation, such as 203\.0\.113\.0\/24$/);
  });

  fact("what was filled in before it was switched off again does not disturb", async () => {
    await form.enableIngress();
    await form.field("Default domain").selectOption("example.com");
    await form.page.getByLabel("Enable ingress").uncheck();
    assert.equal((await accepted()).ingress.enable_ingress, false);
  });
});
