// Draws diagrams with mermaid in a browser without a network, and writes what it has read as JSON: for each diagram on
// standard input, a list of texts, its sections and tasks.
const { chromium } = require("playwright-core");

async function read() {
  const pieces = [];
  for await (const piece of process.stdin) pieces.push(piece);
  return JSON.parse(Buffer.concat(pieces).toString("utf8"));
}

async function draw(page, text, number) {
  return page.evaluate(
    async ([text, number]) => {
      const diagram = await mermaid.mermaidAPI.getDiagramFromText(text);
      const tasks = diagram.db.getTasks().map((task) => ({
        section: task.section,
        text: task.task,
        id: task.id,
        start: task.startTime.getTime(),
        end: task.endTime.getTime(),
        crit: Boolean(task.crit),
        links: Object.keys(diagram.db.getLinks()).length,
      }));
      const { svg } = await mermaid.render(`diagram${number}`, text);
      document.body.innerHTML = svg;
      const foreign = document.body.querySelectorAll("script, a, img, iframe, foreignObject *").length;
      return { type: diagram.type, tasks, foreign, bars: document.body.querySelectorAll("rect.task").length };
    },
    [text, number],
  );
}

async function main() {
  const texts = await read();
  const browser = await chromium.launch({
    executablePath: process.argv[2],
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--disable-quic"],
  });
  try {
    const page = await browser.newPage();
    let requests = 0;
    await page.route("**/*", (route) => {
      requests += 1;
      return route.abort();
    });
    await page.setContent("<!doctype html><body></body>");
    await page.addScriptTag({ path: require.resolve("mermaid/dist/mermaid.min.js") });
    await page.evaluate(() => mermaid.initialize({ startOnLoad: false, securityLevel: "strict" }));
    const drawn = [];
    for (const [number, text] of texts.entries()) drawn.push(await draw(page, text, number));
    process.stdout.write(JSON.stringify({ drawn, requests }));
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
