// Pieces of answers that several pages show.

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made[name] = value;
    else if (value !== false && value !== undefined) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export const percent = (share, digits = 0) => `${(100 * share).toFixed(digits)} %`;

export function card(title, ...children) {
  return element("div", { class: "card" }, title ? element("h2", {}, title) : null, ...children);
}

// A range with its name and what it stands at.
export function slider(name, options, value, change, show = String) {
  const output = element("output", {}, show(value));
  const input = element("input", { type: "range", ...options, value, "aria-label": name });
  input.oninput = () => {
    output.textContent = show(Number(input.value));
    change(Number(input.value));
  };
  return element("label", { class: "control" }, element("span", {}, name), output, input);
}

export function digits(answer) {
  const tiles = answer.digits.map((digit) => element("span", { class: "digit" }, element("b", {}, digit.text),
    element("i", { style: `width:${100 * digit.confidence}%`, title: percent(digit.confidence, 1) })));
  return element("div", { class: "digits" }, ...(tiles.length ? tiles : [element("span", { class: "empty" }, "no number found")]));
}

export function verdict(answer) {
  const said = answer.rejected ? element("span", { class: "rejected" }, "not sure enough: rejected") : "accepted";
  const others = answer.alternatives.map((one) => `${one.text || "nothing"} ${percent(one.confidence, 1)}`).join(", ");
  return element("div", { class: "verdict" },
    element("p", {}, element("b", {}, percent(answer.confidence, 1)), " sure, ", said),
    others ? element("p", { class: "hint" }, `or ${others}`) : null);
}

export function times(ms) {
  const total = Object.values(ms).reduce((sum, value) => sum + value, 0);
  return element("div", {},
    element("div", { class: "times", "aria-hidden": "true" }, ...Object.values(ms).map((value) => element("i", { style: `flex-grow:${value / total}` }))),
    element("ul", { class: "times-names" }, element("li", {}, element("b", {}, `${total.toFixed(total < 10 ? 1 : 0)} ms`)),
      ...Object.entries(ms).map(([step, value]) => element("li", {}, `${step} `, element("b", {}, value.toFixed(1))))));
}

// The same question from a program, and its answer.
export function program(path, answer) {
  const shown = JSON.stringify(answer, (key, value) => (key === "file" ? "data:image/png;base64,…" : value), 1);
  return element("details", { class: "card" }, element("summary", {}, "The same from a program"),
    element("pre", { class: "code" }, `curl --data-binary @picture.jpg '${new URL(path, location.href)}'`),
    element("pre", { class: "code" }, shown));
}
