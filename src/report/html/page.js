"use strict";
{
  const CHUNK = 200;
  const get = (id) => document.getElementById(id);
  const list = get("list");

  /** Every test, with its row; the text is taken from the row when it is first searched. */
  const collect = () => {
    const rows = [...list.children];
    for (const waiting of document.querySelectorAll("template")) {
      for (const row of waiting.content.children) rows.push(row);
    }
    return rows.map((row) => ({
      row,
      text: null,
      number: Number(row.id.slice(1)),
      ms: Number(row.dataset.ms ?? -1),
    }));
  };

  const start = () => {
    const tests = collect();
    const [words, target, order, further, all] = ["words", "target", "order", "further", "all"].map(get);
    const verdicts = [...get("verdicts").children];
    const remarks = [...(get("remarks")?.children ?? [])];
    let found = tests;
    let shown = list.children.length;
    let turn = 0;

    const count = (number) => `${number.toLocaleString("en")} ${number === 1 ? "test" : "tests"}`;

    const told = () => {
      const left = found.length - shown;
      further.hidden = left <= 0;
      further.textContent = `Show ${Math.min(CHUNK, left)} more of ${left.toLocaleString("en")}`;
      get("none").hidden = found.length > 0;
      list.hidden = found.length === 0;
      const of = found.length === tests.length ? "" : `${found.length.toLocaleString("en")} of `;
      get("count").textContent = of + count(tests.length);
    };

    const open = (details) => {
      if (all.ariaPressed === "true") details.forEach((each) => (each.open = true));
    };

    const more = (number = CHUNK) => {
      const next = found.slice(shown, shown + number).map((test) => test.row);
      list.append(...next);
      open(next.flatMap((row) => [...row.querySelectorAll(":scope > details")]));
      shown += next.length;
      told();
    };

    const orders = {
      slow: (one, other) => other.ms - one.ms || one.number - other.number,
      reported: (one, other) => one.number - other.number,
    };

    /** What a test must have to be shown, as it stands now. */
    const wanted = () => {
      const chosen = new Set(verdicts.filter((each) => each.ariaPressed === "true").map((each) => each.value));
      const remarked = new Set(remarks.filter((each) => each.ariaPressed === "true").map((each) => each.value));
      const parts = words.value.toLowerCase().split(/\s+/).filter(Boolean);
      const group = target?.value ?? "";
      return (test) => {
        if (!chosen.has("") && !chosen.has(test.row.className)) return false;
        if (remarked.size > 0 && !remarked.has(test.row.dataset.remark)) return false;
        if (group !== "" && test.row.dataset.g !== group) return false;
        if (parts.length === 0) return true;
        test.text ??= test.row.textContent.toLowerCase();
        return parts.every((part) => test.text.includes(part));
      };
    };

    /** Looks at all tests, a few milliseconds at a time; a newer look ends an older one. */
    const choose = async () => {
      const own = ++turn;
      const fits = wanted();
      const next = [];
      let pause = performance.now() + 12;
      for (const test of tests) {
        if (fits(test)) next.push(test);
        if (performance.now() > pause) {
          await new Promise((go) => setTimeout(go));
          if (own !== turn) return;
          pause = performance.now() + 12;
        }
      }
      if (orders[order.value]) next.sort(orders[order.value]);
      found = next;
      shown = 0;
      list.replaceChildren();
      more();
      if (list.getBoundingClientRect().top < 0) get("h-tests").scrollIntoView();
    };

    const unremark = () => remarks.forEach((each) => (each.ariaPressed = "false"));

    const remark = (button) => {
      button.ariaPressed = String(button.ariaPressed !== "true");
      choose();
    };

    const press = (button) => {
      button.ariaPressed = String(button.value === "" || button.ariaPressed !== "true");
      if (button.value === "") {
        verdicts.forEach((each) => (each.ariaPressed = String(each === button)));
        unremark();
      }
      const any = verdicts.some((each) => each.value !== "" && each.ariaPressed === "true");
      verdicts[0].ariaPressed = String(!any);
      choose();
    };

    const clear = () => {
      words.value = "";
      if (target) target.value = "";
      press(verdicts[0]);
      words.focus();
    };

    /** Shows the test that the address names. */
    const visit = () => {
      const number = Number(/^#t(\d+)$/.exec(location.hash)?.[1]);
      const test = tests.find((each) => each.number === number);
      if (!test) return;
      if (!test.row.isConnected) {
        turn += 1;
        words.value = "";
        if (target) target.value = "";
        verdicts.forEach((each, at) => (each.ariaPressed = String(at === 0)));
        unremark();
        order.value = "reported";
        found = [...tests].sort(orders.reported);
        shown = Math.max(0, number - 20);
        list.replaceChildren();
        more();
      }
      const details = test.row.querySelector("details");
      if (details) details.open = true;
      test.row.scrollIntoView({ block: "center" });
      details?.firstElementChild.focus({ preventScroll: true });
    };

    const walk = (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step || event.target.localName !== "summary") return;
      const stops = [...list.querySelectorAll("li > details > summary")];
      const next = stops[stops.indexOf(event.target) + step];
      if (!next) return;
      event.preventDefault();
      next.focus();
    };

    get("plain")?.remove();
    get("tools").hidden = false;
    get("tools").addEventListener("submit", (event) => event.preventDefault());
    words.addEventListener("input", choose);
    words.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || words.value === "") return;
      event.preventDefault();
      words.value = "";
      choose();
    });
    target?.addEventListener("change", choose);
    order.addEventListener("change", choose);
    verdicts.forEach((each) => each.addEventListener("click", () => press(each)));
    remarks.forEach((each) => each.addEventListener("click", () => remark(each)));
    get("clear").addEventListener("click", clear);
    further.addEventListener("click", () => more());
    all.addEventListener("click", () => {
      const on = all.ariaPressed !== "true";
      all.ariaPressed = String(on);
      list.querySelectorAll("li > details").forEach((each) => (each.open = on));
    });
    list.addEventListener("keydown", walk);
    addEventListener("hashchange", visit);
    new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && more(), {
      rootMargin: "600px",
    }).observe(further);
    told();
    visit();
  };

  if (list) start();

  addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, select, textarea");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const words = get("words");
    if (!words) return;
    event.preventDefault();
    words.focus();
    words.select();
  });

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    closed.forEach((each) => (each.open = true));
  });
  addEventListener("afterprint", () => closed.forEach((each) => (each.open = false)));

  for (const time of document.querySelectorAll("time")) {
    time.title = new Date(time.dateTime).toLocaleString();
  }
}
