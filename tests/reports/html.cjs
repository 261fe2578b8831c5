// Opens a page of Proctor in a browser and goes through a scenario: SCENARIO PAGE BROWSER PICTURES.
"use strict";
const assert = require("node:assert/strict");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { chromium } = require("playwright-core");

const [scenario, file, executablePath, pictures] = process.argv.slice(2);

const ARGUMENTS = [
  "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
  "--disable-sync", "--disable-quic",
];

/** Opens the page with nothing else in reach, and asserts at the end that it asked for nothing and complained of nothing. */
async function visit(browser, options, work) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  const page = await context.newPage();
  const own = pathToFileURL(file).href;
  const complaints = [];
  const asked = [];
  await context.route("**/*", (route) => {
    if (route.request().url().split("#")[0] === own) return route.continue();
    asked.push(route.request().url());
    return route.abort();
  });
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`);
    return dialog.dismiss();
  });
  context.on("page", (other) => complaints.push(`a window: ${other.url()}`));
  await page.goto(own + (options.hash ?? ""));
  await work(page);
  assert.deepEqual(asked, [], "nothing is asked for");
  assert.deepEqual(complaints.filter((each) => !options.expected?.test(each)), [], "nothing is complained of");
  await context.close();
}

/** Leaves a picture; of all of the page in a window that high, as rows out of sight are not drawn. */
async function picture(page, name, all = false) {
  if (all) await page.setViewportSize({ width: 1400, height: 4000 });
  await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: all });
}

/** The tests that are shown: their verdicts and names. */
const shown = (page) =>
  page.$$eval("#list > li", (rows) =>
    rows.map((row) => ({
      verdict: row.className,
      name: row.querySelector(".n").textContent,
      open: row.querySelector("details")?.open ?? null,
    })),
  );

const told = (page) => page.textContent("#count");

/** Waits until the page tells this of what is shown. */
const tells = (page, text) =>
  page.waitForFunction((text) => document.getElementById("count").textContent === text, text);

const focused = (page) =>
  page.evaluate(() => {
    const at = document.activeElement;
    return at.id || at.value || at.localName;
  });

/** Red, green and blue of a computed colour. */
const colour = (page, selector, property) =>
  page.$eval(
    selector,
    (element, property) => getComputedStyle(element)[property].match(/\d+(\.\d+)?/g).slice(0, 3).map(Number),
    property,
  );

/** The contrast of two colours, as WCAG 2 computes it. */
function contrast(one, other) {
  const [light, dark] = [one, other]
    .map((rgb) => {
      const [red, green, blue] = rgb.map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    })
    .sort((one, other) => other - one);
  return (light + 0.05) / (dark + 0.05);
}

async function real(browser) {
  await visit(browser, {}, async (page) => {
    const all = await shown(page);
    const total = all.length;
    assert.equal(await told(page), `${total} tests`);
    assert.match(await page.textContent("header"), /Errored.*Exit code 3.*Who acts: the owner of the tests/s);
    assert.ok((await page.$$("svg rect")).length > 3, "a timeline is drawn");
    const good = all.findIndex((row) => ["passed", "skipped"].includes(row.verdict));
    assert.ok(good > 0 && all.slice(good).every((row) => ["passed", "skipped"].includes(row.verdict)), "failures first");
    await picture(page, "light");

    for (const button of await page.$$("#verdicts button:not([value=''])")) {
      const verdict = await button.getAttribute("value");
      const number = Number(await button.$eval("b", (b) => b.textContent));
      await button.click();
      await tells(page, `${number} of ${total} tests`);
      const rows = await shown(page);
      assert.deepEqual([rows.length, new Set(rows.map((row) => row.verdict))], [number, new Set([verdict])]);
      assert.equal(await button.getAttribute("aria-pressed"), "true");
      await button.click();
      await tells(page, `${total} tests`);
    }

    await page.fill("#words", "no test of this name");
    await tells(page, `0 of ${total} tests`);
    assert.ok(await page.isVisible("#none"));
    await page.click("#clear");
    await tells(page, `${total} tests`);

    await page.click("#all");
    assert.ok((await shown(page)).every((row) => row.open !== false), "all are open");
    await picture(page, "open", true);
    await page.click("#all");
    assert.ok((await shown(page)).every((row) => row.open !== true), "all are closed");

    await page.emulateMedia({ media: "print" });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    assert.ok((await shown(page)).every((row) => row.open !== false), "paper cannot be opened");
    assert.ok(!(await page.isVisible("#tools")));
    await picture(page, "print", true);
  });
  await keyboard(browser);
  await visit(browser, { colorScheme: "dark" }, async (page) => {
    const [ink, paper] = [await colour(page, "body", "color"), await colour(page, "body", "backgroundColor")];
    assert.ok(Math.max(...paper) < 60 && Math.min(...ink) > 180, `dark: ${ink} on ${paper}`);
    await picture(page, "dark");
  });
  for (const colorScheme of ["light", "dark"]) {
    await visit(browser, { colorScheme }, readable);
  }
  await visit(browser, { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 }, async (page) => {
    const [wide, there] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= there, "nothing has to be moved sideways");
    await picture(page, "phone");
    await page.locator("#tools").scrollIntoViewIfNeeded();
    await page.evaluate(() => document.getElementById("h-tests").scrollIntoView());
    await picture(page, "phone-tests");
  });
}

/** Text stands out from what is behind it, by at least what WCAG asks for. */
async function readable(page) {
  const pairs = [
    [".verdict", ".panel"], [".note", "body"], [".n", ".panel"], ["dt", "dl"], [".warning dt", "dl"], ["a", ".panel"],
    ["h1", "header"], [".message", ".panel"],
  ];
  for (const verdict of ["passed", "failed", "errored", "cancelled", "timed-out", "skipped", "unknown"]) {
    await page.evaluate((verdict) => {
      const sample = document.body.appendChild(document.createElement("p"));
      sample.className = `${verdict} sample`;
      sample.appendChild(document.createElement("span")).className = "verdict";
    }, verdict);
    pairs.push([`.${verdict}.sample .verdict`, "body"], [`.${verdict}.sample .verdict`, ".panel"]);
  }
  for (const [text, behind] of pairs) {
    if (!(await page.$(text)) || !(await page.$(behind))) continue;
    const ratio = contrast(await colour(page, text, "color"), await colour(page, behind, "backgroundColor"));
    assert.ok(ratio >= 4.5, `${text} on ${behind}: ${ratio.toFixed(2)}`);
  }
}

async function keyboard(browser) {
  await visit(browser, {}, async (page) => {
    const total = (await shown(page)).length;
    await page.keyboard.press("/");
    assert.equal(await focused(page), "words");
    assert.equal(await page.inputValue("#words"), "", "the key itself is not typed");
    const texts = await page.$$eval("#list > li", (rows) => rows.map((row) => row.textContent.toLowerCase()));
    const words = texts[0].match(/\w{3,}/g);
    const rare = words.find((word) => texts.filter((text) => text.includes(word)).length < total);
    assert.ok(rare, "something tells the first test from others");
    await page.keyboard.type(rare.toUpperCase());
    await tells(page, `${texts.filter((text) => text.includes(rare)).length} of ${total} tests`);
    await page.keyboard.press("Escape");
    await tells(page, `${total} tests`);

    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.closest("#verdicts") !== null), true);
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.notEqual(outline, "none", "the focus is seen");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await page.waitForFunction(() => document.getElementById("count").textContent.includes(" of "));
    assert.equal(await page.evaluate(() => document.activeElement.ariaPressed), "true");
    await page.keyboard.press("Space");
    await tells(page, `${total} tests`);

    let steps = 0;
    while ((await focused(page)) !== "summary") {
      await page.keyboard.press("Tab");
      assert.ok((steps += 1) < 30, "the rows are reached");
    }
    const first = page.locator("#list > li > details").first();
    const before = await first.evaluate((details) => details.open);
    await page.keyboard.press("Enter");
    assert.equal(await first.evaluate((details) => details.open), !before);
    await page.keyboard.press("ArrowDown");
    const at = () =>
      page.evaluate(() => [...document.querySelectorAll("#list > li > details > summary")].indexOf(document.activeElement));
    assert.equal(await at(), 1);
    await page.keyboard.press("ArrowUp");
    assert.equal(await at(), 0);

    const named = await page.$$eval("input, select, button", (all) =>
      all.filter((each) => !each.labels?.length && !each.textContent.trim() && !each.hidden).map((each) => each.outerHTML),
    );
    assert.deepEqual(named, [], "everything that is used has a name");
    for (const landmark of ["header", "main", "footer", "[role=search]", "[role=status]", "h1", "section[aria-labelledby]"]) {
      assert.ok(await page.$(landmark), landmark);
    }
  });
}

async function many(browser) {
  await visit(browser, {}, async (page) => {
    assert.equal(await told(page), "20,000 tests");
    const first = await shown(page);
    assert.deepEqual([first.length, first.filter((row) => row.verdict === "failed").length], [200, 20]);
    await picture(page, "many");

    await page.click("#verdicts button[value=failed]");
    await tells(page, "20 of 20,000 tests");
    await page.click("#verdicts button[value=errored]");
    await tells(page, "21 of 20,000 tests");
    await page.click("#verdicts button[value='']");
    await tells(page, "20,000 tests");

    await page.fill("#words", "SKIPPED case");
    await tells(page, "1,000 of 20,000 tests");
    assert.equal((await shown(page)).length, 200, "no more rows than are looked at");
    await page.fill("#words", "needle-13000");
    await tells(page, "1 of 20,000 tests");
    await page.fill("#words", "");
    await tells(page, "20,000 tests");

    await page.selectOption("#target", { label: "shop" });
    await tells(page, "8,000 of 20,000 tests");
    await page.selectOption("#target", "");
    await page.selectOption("#order", "slow");
    await page.waitForFunction(() => document.querySelector("#list > li").dataset.ms === "999");
    const times = await page.$$eval("#list > li", (rows) => rows.map((row) => Number(row.dataset.ms)));
    assert.deepEqual(times, [...times].sort((one, other) => other - one));

    await page.evaluate(() => document.getElementById("further").scrollIntoView());
    await page.waitForFunction(() => document.querySelectorAll("#list > li").length >= 400);
    await picture(page, "many-further");

    await page.evaluate(() => {
      location.hash = "#t15001";
    });
    await page.waitForFunction(() => document.activeElement.closest("#t15001"));
    assert.ok(await page.$eval("#t15001 details", (details) => details.open));
  });
}

async function hostile(browser) {
  await visit(browser, { expected: /^This document requires 'TrustedScript'/ }, async (page) => {
    await page.click("#all");
    await page.click("#all");
    await page.fill("#words", "<IFRAME");
    await tells(page, "2 of 20 tests");
    await page.fill("#words", "");
    await tells(page, "20 tests");
    assert.equal(await page.evaluate(() => window.harmed), undefined);
    const found = await page.$$eval("img, iframe, base, object, embed, #injected, [onload], [onerror]", (all) => all.length);
    assert.equal(found, 0, "no text became an element");
    assert.equal(await page.$$eval("script", (all) => all.length), 1);
    assert.equal(await page.$$eval("h1", (all) => all.length), 1);
    const links = await page.$$eval("a", (all) => all.map((a) => [a.getAttribute("href"), a.target, a.rel]));
    for (const [href, target, rel] of links) {
      const own = /^#t\d+$/.test(href);
      const web = /^https?:\/\//.test(href) && target === "_blank" && rel.includes("noopener");
      assert.ok(own || web, href);
    }
    await picture(page, "hostile", true);
    // The policy holds even against a script that somehow got into the page.
    const ran = await page.evaluate(async () => {
      const script = document.createElement("script");
      try {
        script.text = "window.harmed = 2";
      } catch {
        return false;
      }
      document.body.append(script);
      return window.harmed === 2;
    });
    assert.equal(ran, false);
  });
}

async function plain(browser) {
  await visit(browser, { javaScriptEnabled: false }, async (page) => {
    assert.equal(await page.locator("#list > li.failed").count(), 20);
    await page.locator("#list > li.failed summary").first().click();
    assert.ok(await page.locator("#list > li.failed pre").first().isVisible());
    assert.ok(!(await page.locator("#tools").isVisible()), "what would not work is not shown");
    assert.ok(await page.getByText("shows 200 of 20000 tests").isVisible());
    await picture(page, "plain");
  });
}

async function remarked(browser) {
  await visit(browser, {}, async (page) => {
    const names = async () => (await page.$$eval("#list > li .n", (all) => all.map((each) => each.firstChild.nextSibling.textContent.trim())));
    const order = ["adds an item", "pays", "removes an item", "applies a coupon", "counts items", "is empty at first", "is there"];
    assert.deepEqual(await names(), order, "what is new comes first, what does not count behind what does");
    await picture(page, "remarked", true);
    for (const [remark, found] of [["new", order.slice(0, 1)], ["quarantined", order.slice(3, 4)], ["flaky", order.slice(4, 6)]]) {
      await page.click(`#remarks button[value=${remark}]`);
      await tells(page, `${found.length} of 7 tests`);
      assert.deepEqual(await names(), found);
      await page.click(`#remarks button[value=${remark}]`);
      await tells(page, "7 tests");
    }
    await page.click("#remarks button[value=known]");
    await page.click("#remarks button[value=new]");
    await tells(page, "2 of 7 tests");
    await page.click("#verdicts button[value='']");
    await tells(page, "7 tests");
    await page.click("section[aria-labelledby=h-flaky] a");
    await page.waitForFunction(() => document.activeElement.closest("#t2"));
    assert.ok(await page.isVisible("#t2 .attempts"));
    assert.match(await page.textContent("main"), /Left out\s*PAYMENTS_KEY is not set/);
  });
  for (const colorScheme of ["light", "dark"]) {
    await visit(browser, { colorScheme }, async (page) => {
      for (const badge of [".k.new", ".k.known", ".k.quarantined", ".k.flaky", ".excuse"]) {
        await page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = true)));
        const ratio = contrast(await colour(page, badge, "color"), await colour(page, ".panel", "backgroundColor"));
        assert.ok(ratio >= 4.5, `${badge} in ${colorScheme}: ${ratio.toFixed(2)}`);
      }
      await picture(page, `remarked-${colorScheme}`, true);
    });
  }
  await visit(browser, { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 }, async (page) => {
    const [wide, there] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= there, "nothing has to be moved sideways");
    await page.evaluate(() => document.getElementById("h-flaky").scrollIntoView());
    await picture(page, "remarked-phone");
  });
}

const scenarios = { remarked, real, many, hostile, plain };

(async () => {
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  try {
    await scenarios[scenario](browser);
  } finally {
    await browser.close();
  }
})().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
