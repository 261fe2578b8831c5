// Answers a browser from a HAR file alone, and compares what it gets with what stands there: FILE BROWSER.
"use strict";
const assert = require("node:assert/strict");
const fs = require("node:fs");
const { chromium } = require("playwright-core");

const [file, executablePath] = process.argv.slice(2);

const ARGUMENTS = [
  "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
  "--disable-sync", "--disable-quic",
];

const identity = ({ request }) => JSON.stringify([request.method, request.url, request.postData?.text ?? ""]);

/** The entries that were answered, but for requests that were made more than once: which answer they get is open. */
function answered(entries) {
  const times = new Map();
  for (const entry of entries) times.set(identity(entry), (times.get(identity(entry)) ?? 0) + 1);
  return entries.filter((entry) => entry.response.status === 200 && times.get(identity(entry)) === 1);
}

async function main() {
  const { entries } = JSON.parse(fs.readFileSync(file, "utf8")).log;
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  const page = await browser.newPage();
  await page.routeFromHAR(file, { notFound: "abort" });
  const wanted = answered(entries);
  const first = wanted.find((entry) => entry.request.method === "GET");
  await page.goto(first.request.url);
  for (const entry of wanted) {
    const { url, method, postData } = entry.request;
    const got = await page.evaluate(
      async ([url, method, body]) => {
        const response = await fetch(url, { method, body });
        return { status: response.status, text: await response.text() };
      },
      [url, method, postData?.text],
    );
    assert.deepEqual(got, { status: entry.response.status, text: entry.response.content.text }, `${method} ${url}`);
  }
  await browser.close();
  console.log(wanted.length);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
