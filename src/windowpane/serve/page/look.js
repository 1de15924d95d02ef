// Look: one picture, three questions; the answer drawn over it, and the score map of every scale at a slider.
import { ask, json } from "./ask.js";
import { cellAt, coloured, hinton, inkLine, levels, paintMap, tinted } from "./maps.js";
import { card, digits, element, percent, program, slider, times, verdict } from "./parts.js";
import { open, receive } from "./pictures.js";
import { Stage, tip } from "./stage.js";

const LONGEST = 2000, LEAST = 0.01; // the surest limit that the slider goes down to
const ORANGE = [234, 88, 12];
const EXAMPLES = [["portrait.jpg", "detect"], ["ruled.png", "read"], ["rocket.jpg", "parse"], ["chalk.png", "read"]];
const get = (id) => document.getElementById(id);

export function look() {
  const section = get("look");
  const state = { picture: null, verb: "detect", asked: 0, options: { min_size: 20, format: "number", page: false, net: null } };
  const stage = new Stage(get("look-canvas"), (brush, pixel) => state.view?.paint(brush, pixel));
  const opened = receive(section, LONGEST, ([picture]) => take(picture));

  for (const [name, verb] of EXAMPLES) {
    const image = element("img", { src: `examples/${name}`, alt: `Example: ${name}`, loading: "lazy" });
    get("examples").append(element("button", { type: "button", onclick: () => example(name, verb) }, image));
  }
  for (const radio of section.querySelectorAll("[name=verb]")) {
    radio.onchange = () => { state.verb = radio.value; run(); };
  }
  get("look-clear").onclick = () => take(null);
  for (const event of ["pointermove", "pointerdown"]) {
    get("look-canvas").addEventListener(event, (one) => state.view?.hover?.(stage.at(one)));
  }
  get("look-canvas").addEventListener("pointerleave", () => state.view?.hover?.(null));
  document.addEventListener("themechange", () => state.view?.restyle?.());

  async function example(name, verb) {
    section.querySelector(`[value=${verb}]`).checked = true;
    state.verb = verb;
    const blob = await (await ask(`examples/${name}`, { method: "GET" })).blob();
    take(await open(blob, name, LONGEST));
  }

  function take(picture) {
    state.picture = picture;
    state.view = null;
    get("look-drop").hidden = Boolean(picture);
    get("look-stage").hidden = get("look-bar").hidden = !picture;
    get("look-side").replaceChildren();
    get("look-below").replaceChildren();
    get("look-desk").classList.toggle("empty", !picture);
    get("look-name").textContent = picture ? `${picture.name} · ${picture.width} × ${picture.height}${picture.was ? `, made smaller from ${picture.was}` : ""}` : "";
    stage.show(picture);
    if (picture) run();
  }

  async function run() {
    if (!state.picture) return;
    const asked = ++state.asked, { verb, options, picture } = state;
    state.view = null;
    stage.render();
    tip(get("look-tip"), stage, null, "");
    get("look-below").replaceChildren();
    get("look-stage").classList.add("busy");
    try {
      const view = await VIEWS[verb](picture, options, context);
      if (asked !== state.asked) return;
      state.view = view;
      get("look-side").replaceChildren(...view.cards);
      get("look-below").replaceChildren(...(view.below ?? []));
      stage.render();
    } catch (error) {
      if (asked !== state.asked) return;
      get("look-side").replaceChildren(card("", element("p", { class: "rejected" }, error.message)));
    } finally {
      if (asked === state.asked) get("look-stage").classList.remove("busy");
    }
  }

  const context = {
    render: () => stage.render(),
    tip: (point, text) => tip(get("look-tip"), stage, point, text),
    again: (change) => { Object.assign(state.options, change); run(); },
  };
  return { opened };
}

const VIEWS = { detect: detecting, read: reading, parse: parsing };

function query(options) {
  const given = Object.entries(options).filter(([, value]) => value !== null && value !== undefined && value !== false);
  return new URLSearchParams(given).toString();
}

function outlined(brush, box, colour, width, dash = []) {
  const [x0, y0, x1, y1] = box;
  brush.setLineDash(dash);
  brush.lineWidth = width;
  brush.strokeStyle = colour;
  brush.strokeRect(x0, y0, x1 - x0, y1 - y0);
  brush.setLineDash([]);
}

// Which map is drawn over the picture: none, or one of those of all scales.
function scaleSlider(maps, note, change) {
  const show = (at) => (at ? `${maps[at - 1].cols} × ${maps[at - 1].rows} places, scale ${maps[at - 1].scale.toFixed(2)}` : "off");
  return card("Score maps", element("p", { class: "hint" }, note), slider("Scale", { min: 0, max: maps.length, step: 1 }, 0, change, show));
}

// -- Faces ---------------------------------------------------------------------------------------------------

async function detecting(picture, options, { render, tip, again }) {
  const wanted = { min_size: options.min_size };
  const found = await json(`api/detect/steps?${query({ ...wanted, threshold: LEAST })}`, { body: picture.blob });
  const key = Object.keys(found.answer).find((name) => Array.isArray(found.answer[name]));
  const every = found.answer[key];
  let limit = found.threshold, chosen = null, at = 0, seen = null;
  const heat = found.maps.map((map) => {
    const cut = (255 * (found.limit - found.low)) / (found.high - found.low || 1);
    return tinted(map, (value) => [...ORANGE, value > cut ? 235 : 20 + 150 * (value / 255)]);
  });
  const kept = () => every.filter((one) => one.score >= limit);

  const count = element("p", { class: "big" }), list = element("ul", { class: "list" }), shown = element("div");
  const refresh = () => {
    const now = kept();
    count.replaceChildren(element("b", {}, String(now.length)), now.length === 1 ? `${key.replace(/s$/, "")} found` : `${key} found`);
    list.replaceChildren(...now.slice(0, 100).map((one) => {
      const point = () => { chosen = one; render(); };
      const meter = element("span", { class: "meter" }, element("i", { style: `width:${100 * one.score}%` }));
      const button = element("button", { type: "button", onpointerenter: point, onfocus: point, onpointerleave: () => { chosen = null; render(); } },
        element("span", { class: "num" }, `${Math.round(one.box[2] - one.box[0])} px`), meter, element("span", { class: "num" }, percent(one.score, 1)));
      return element("li", { style: "display:block;padding:0" }, button);
    }));
    shown.replaceChildren(program(`api/detect?${query({ ...wanted, threshold: limit === found.threshold ? null : limit })}`, { ...found.answer, [key]: now }));
    render();
  };
  const size = slider("Smallest face", { min: 10, max: 120, step: 5 }, options.min_size, () => {}, (value) => `${value} pixels`);
  size.querySelector("input").onchange = (event) => again({ min_size: Number(event.target.value) });
  const sure = slider("Sure enough", { min: LEAST, max: 1, step: 0.01 }, limit, (value) => { limit = value; refresh(); }, (value) => percent(value));
  const scales = scaleSlider(found.maps, "How much each place looks like a face, at each size of the picture. Move over a map to see through its window.", (value) => { at = value; render(); });
  refresh();
  return {
    cards: [card("", count, list, sure, size), scales, card("", times(found.ms)), shown],
    paint(brush, pixel) {
      if (at) {
        brush.fillStyle = "rgb(10 12 16 / .55)";
        brush.fillRect(0, 0, picture.width, picture.height);
        paintMap(brush, found.maps[at - 1], heat[at - 1]);
        if (seen) outlined(brush, seen.box, "#fff", 2 * pixel, [5 * pixel, 4 * pixel]);
      }
      for (const one of kept()) {
        const strong = one === chosen;
        outlined(brush, one.box, "rgb(0 0 0 / .45)", (strong ? 7 : 4.5) * pixel);
        outlined(brush, one.box, strong ? "#fff" : "#fb7a2a", (strong ? 4 : 2.5) * pixel);
        brush.fillStyle = "#fb7a2a";
        for (const [x, y] of one.landmarks ?? []) {
          brush.beginPath();
          brush.arc(x, y, Math.max(1.6 * pixel, (one.box[2] - one.box[0]) / 40), 0, 7);
          brush.fill();
        }
      }
    },
    hover(point) {
      seen = point && at ? cellAt(found.maps[at - 1], point) : null;
      const logit = seen && found.low + (seen.value / 255) * (found.high - found.low);
      tip(point, seen ? `score ${logit.toFixed(1)}${logit > found.limit ? ", a face?" : ""}` : "");
      render();
    },
  };
}

// -- Scenes --------------------------------------------------------------------------------------------------

async function parsing(picture, options, { render, tip, again }) {
  const nets = (await json("api/nets", { method: "GET" })).filter((net) => net.task === "parse").map((net) => net.name);
  const found = await json(`api/parse/steps?${query({ net: options.net })}`, { body: picture.blob });
  const [labels, sureness] = await Promise.all([levels(found.labels), levels(found.sure)]);
  const { colours, names } = found;
  let opacity = 0.6, limit = 0, chosen = null, at = 0, seen = null;
  const shown = (place) => sureness.values[place] >= 255 * limit && (chosen === null || labels.values[place] === chosen);
  let layer = coloured(labels, colours, shown);
  const refresh = () => { layer = coloured(labels, colours, shown); legend(); render(); };
  const alone = found.maps.map((map) => tinted(map, (value) => [...colours[value], 255]));

  const list = element("ul", { class: "list" });
  const legend = () => list.replaceChildren(...Object.entries(found.answer.labels).sort((a, b) => b[1] - a[1]).filter(([, share]) => share >= 0.001)
    .map(([name, share]) => {
      const number = names.indexOf(name), pressed = chosen === number;
      const button = element("button", { type: "button", "aria-pressed": String(pressed), onclick: () => { chosen = pressed ? null : number; refresh(); } },
        element("span", { class: "chip", style: `background:rgb(${colours[number]})` }), element("span", {}, name), element("span", { class: "num" }, percent(share, share < 0.1 ? 1 : 0)));
      return element("li", { style: "display:block;padding:0" }, button);
    }));
  legend();
  const choice = element("select", { "aria-label": "Net", onchange: (event) => again({ net: event.target.value }) },
    ...nets.map((name) => element("option", { selected: name === (options.net ?? nets[0]) }, name)));
  const answer = { ...found.answer, file: "" };
  return {
    cards: [
      card("", choice, list,
        slider("Colour", { min: 0, max: 1, step: 0.02 }, opacity, (value) => { opacity = value; render(); }, (value) => percent(value)),
        slider("Sure enough", { min: 0, max: 1, step: 0.01 }, 0, (value) => { limit = value; refresh(); }, (value) => percent(value))),
      scaleSlider(found.maps, "What each size of the picture alone would say; together they decide. Move over a map to see through its window.", (value) => { at = value; render(); }),
      card("", times(found.ms)), program(`api/parse${options.net ? `?net=${options.net}` : ""}`, answer)],
    paint(brush, pixel) {
      brush.globalAlpha = opacity;
      if (at) paintMap(brush, found.maps[at - 1], alone[at - 1]);
      else brush.drawImage(layer, 0, 0, picture.width, picture.height);
      brush.globalAlpha = 1;
      if (at && seen) outlined(brush, seen.box, "#fff", 2 * pixel, [5 * pixel, 4 * pixel]);
    },
    hover(point) {
      seen = point && at ? cellAt(found.maps[at - 1], point) : null;
      let text = "";
      if (seen) text = `${names[seen.value]}, by this scale alone`;
      else if (point && !at) {
        const place = Math.min(labels.height - 1, Math.max(0, Math.floor(point[1]))) * labels.width + Math.min(labels.width - 1, Math.max(0, Math.floor(point[0])));
        text = `${names[labels.values[place]]}, ${percent(sureness.values[place] / 255)} sure`;
      }
      tip(point, text);
      if (at) render();
    },
  };
}

// -- Numbers -------------------------------------------------------------------------------------------------

async function reading(picture, options, { again }) {
  const choice = (name, values, value) => element("select", { "aria-label": name, onchange: (event) => again(values[event.target.selectedIndex][1]) },
    ...values.map(([label, is]) => element("option", { selected: JSON.stringify(is) === JSON.stringify(value) }, label)));
  const kinds = [["One number", { format: "number", page: false }], ["A ZIP code", { format: "zip", page: false }], ["All numbers of a page", { format: "number", page: true }]];
  const pick = choice("What is written", kinds, { format: options.format, page: options.page });
  const wanted = { format: options.format === "number" ? null : options.format };
  if (options.page) return readingPage(picture, pick);

  const found = await json(`api/read/steps?${query(wanted)}`, { body: picture.blob });
  const figure = element("div", { class: "figure" });
  let at = 0;
  const draw = async () => figure.replaceChildren(...(await lineFigure(found, at, Math.max(240, get("look-stage").clientWidth - 42))));
  const windows = slider("Window", { min: 0, max: found.maps.length, step: 1 }, 0, (value) => { at = value; draw(); },
    (value) => (value ? `${found.maps[value - 1].window} pixels wide` : "the vote of all four"));
  await draw();
  const answer = { ...found.answer };
  delete answer.box;
  return {
    cards: [card("", pick, element("div", { style: "height:14px" }), digits(found.answer), verdict(found.answer), windows),
      card("", times(found.ms)), program(`api/read?${query(wanted)}`.replace(/\?$/, ""), answer)],
    below: [card("", figure)],
    paint: (brush, pixel) => paintReading(brush, found.answer, pixel),
    restyle: draw,
  };
}

async function readingPage(picture, pick) {
  const found = await json("api/read?page=true", { body: picture.blob });
  const list = element("ul", { class: "list" }, ...found.readings.map((one) => element("li", {}, element("b", {}, one.text),
    element("span", { class: "meter" }, element("i", { style: `width:${100 * one.confidence}%` })), element("span", { class: "num" }, percent(one.confidence, 1)))));
  const count = element("p", { class: "big", style: "margin-top:12px" }, element("b", {}, String(found.readings.length)), "found");
  return {
    cards: [card("", pick, count, list), program("api/read?page=true", found)],
    paint: (brush, pixel) => found.readings.forEach((one) => paintReading(brush, one, pixel)),
  };
}

function paintReading(brush, answer, pixel) {
  const colour = answer.rejected ? "#6b7280" : "#ea580c";
  brush.font = `600 ${15 * pixel}px system-ui`;
  for (const { text, box } of answer.digits) {
    outlined(brush, box, "rgb(255 255 255 / .7)", 4 * pixel);
    outlined(brush, box, colour, 2 * pixel);
    const top = Math.max(0, box[1] - 20 * pixel);
    brush.fillStyle = colour;
    brush.fillRect(box[0] - pixel, top, 19 * pixel, 20 * pixel);
    brush.fillStyle = "#fff";
    brush.fillText(text, box[0] + 4 * pixel, top + 15 * pixel);
  }
}

// The line, a map of its digits, and the path through their order; as wide as there is room.
export async function lineFigure(found, at, room) {
  const zoom = Math.max(1, Math.min(6, (room - 34) / found.line.width));
  const map = at ? found.maps[at - 1] : found.vote;
  const text = [...found.answer.text], rows = text.map(Number).reverse();
  const parts = [element("p", {}, "The line, as the net sees it"), await inkLine(found.line, zoom),
    element("p", {}, at ? `Window of ${map.window} pixels: how sure of each digit, at each place` : "The vote: how sure of each digit, at each place"),
    hinton(map, [...Array(10).keys()], zoom, { height: Math.max(10, Math.min(18, 3 * zoom + 4)) })];
  if (text.length) {
    parts.push(element("p", {}, "The order of the digits, from below, and the path of the answer"),
      hinton(found.vote, rows, zoom, { path: found.columns, height: Math.max(16, Math.min(28, 5 * zoom + 6)) }));
  }
  return parts;
}
