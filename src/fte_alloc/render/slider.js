/* Sliders over plans that were all proved before the page was written. Nothing is reckoned here and
   nothing is fetched: tags and texts of the plan at a position are put in the place of those that
   stand there. The data: sliders.py. */
(async () => {
  "use strict";
  const deflated = atob(document.getElementById("grid").textContent);
  const bytes = Uint8Array.from(deflated, (sign) => sign.charCodeAt(0));
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const data = await new Response(inflated).json();

  /** An element with its attributes and what it contains. */
  function made(name, attributes = {}, ...inside) {
    const element = document.createElement(name);
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
    element.append(...inside);
    return element;
  }

  /** The text, perhaps an empty one, that an element begins with, or that comes after its end. */
  function textOf(element, where) {
    const found = where === "first" ? element.firstChild : element.nextSibling;
    if (found?.nodeType === Node.TEXT_NODE) return found;
    const text = document.createTextNode("");
    if (where === "first") element.prepend(text); else element.after(text);
    return text;
  }

  const variant = ([texts, which], n) => texts[which[n]];
  const all = document.querySelectorAll("[data-moves] *"), shown = [];
  const moved = data.places.map(([index, where]) =>
    where === "tag" ? all[index] : textOf(all[index], where));
  const outputs = data.labels.map(() => made("output"));
  const sliders = data.values.map((values, n) => made("input", { type: "range", min: 0,
    max: values.length - 1, value: data.base[n], id: `slider-${n}`, autocomplete: "off" }));
  const reason = made("p", { id: "why", role: "status" });
  const back = made("button", { type: "button", id: "base" }, data.back);
  document.getElementById("sliders").append(
    made("h2", {}, data.heading),
    ...sliders.map((slider, n) => {
      const [before, after] = data.labels[n].split("\0");
      return made("p", {}, made("label", { for: slider.id }, before, outputs[n], after), slider,
        made("small", {}, `${data.values[n][0]} … ${data.values[n].at(-1)}`));
    }),
    reason, made("p", { class: "left-grey" }, data.grey),
    made("p", {}, data.proved, " ", back));

  /** Give an element the attributes of a tag. */
  const holder = document.createElement("template");
  function become(element, tag) {
    const isDrawn = element.namespaceURI.endsWith("svg");
    holder.innerHTML = isDrawn ? `<svg>${tag}</svg>` : tag;
    const model = isDrawn ? holder.content.firstChild.firstChild : holder.content.firstChild;
    [...element.attributes].forEach(({ name }) => {
      if (!model.hasAttribute(name)) element.removeAttribute(name);
    });
    [...model.attributes].forEach(({ name, value }) => element.setAttribute(name, value));
  }

  function show() {
    let n = 0;
    sliders.forEach((slider, axis) => {
      outputs[axis].textContent = data.values[axis][slider.value];
      slider.setAttribute("aria-valuetext", outputs[axis].textContent);
      n = n * data.values[axis].length + Number(slider.value);
    });
    const none = variant(data.why, n);
    document.body.dataset.plan = none ? "none" : "proved";
    if (reason.textContent !== none) reason.textContent = none;
    if (none) return;
    moved.forEach((node, k) => {
      const text = variant(data.figures[k], n);
      if (text === shown[k]) return;
      shown[k] = text;
      if (node.nodeType === Node.TEXT_NODE) node.data = text;
      else become(node, text);
    });
  }

  /** Take the positions that the address of the page ends with: #at=3/10. */
  function take() {
    const [, typed] = location.hash.match(/^#at=([\d/]+)$/) ?? [];
    typed?.split("/").forEach((value, n) => { if (sliders[n] && value) sliders[n].value = value; });
    show();
  }

  document.getElementById("answer-plan")?.setAttribute("aria-live", "polite");
  sliders.forEach((slider) => slider.addEventListener("input", show));
  sliders.forEach((slider) => slider.addEventListener("change", () => {
    history.replaceState(null, "", `#at=${sliders.map(({ value }) => value).join("/")}`);
  }));
  addEventListener("hashchange", take);
  back.addEventListener("click", () => {
    sliders.forEach((slider) => { slider.value = slider.defaultValue; });
    history.replaceState(null, "", location.pathname);
    show();
  });
  take();
})();
