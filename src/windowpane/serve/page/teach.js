// Teach: brush a little of each thing, and the whole picture labels itself while one brushes.
import { ask, json, say } from "./ask.js";
import { coloured, levels } from "./maps.js";
import { element, percent } from "./parts.js";
import { open, receive } from "./pictures.js";
import { Stage } from "./stage.js";

const LONGEST = 1024, STEP = 6; // pixels that an arrow key moves the brush
const COLOURS = [[59, 130, 246], [34, 160, 90], [245, 170, 20], [229, 72, 77], [142, 78, 198], [18, 165, 148], [233, 61, 130], [140, 100, 70], [100, 116, 139], [132, 204, 22], [6, 182, 212], [79, 70, 229]];
const FIRST = ["this", "that"];
const get = (id) => document.getElementById(id);
const colour = (number) => COLOURS[number % COLOURS.length];

export function teach() {
  const section = get("teach");
  // A picture has strokes of its own, {label, points, radius}; labels are those of classes, which keep their numbers.
  const state = { pictures: [], now: null, classes: FIRST.map((name, number) => ({ name, number })), chosen: 0, erasing: false, cursor: null, down: false };
  const stage = new Stage(get("teach-canvas"), paint);
  const opacity = () => get("teach-opacity").value / 100, radius = () => Number(get("teach-radius").value);
  receive(section, LONGEST, take);
  get("teach-example").onclick = async () => {
    const blob = await (await ask("examples/rocket.jpg", { method: "GET" })).blob();
    if (state.classes.every(({ name }, place) => name === FIRST[place])) {
      state.classes = ["sky", "rocket", "ground"].map((name, number) => ({ name, number }));
      classes();
    }
    take([await open(blob, "rocket.jpg", LONGEST)]);
  };

  // -- Pictures ----------------------------------------------------------------------------------------------

  function take(pictures) {
    for (const picture of pictures) state.pictures.push({ ...picture, strokes: [], id: null, layer: null });
    get("teach-drop").hidden = true;
    get("teach-stage").hidden = get("teach-bar").hidden = get("teach-strip").hidden = false;
    show(state.pictures[state.pictures.length - pictures.length]);
  }

  function show(picture) {
    state.now = picture;
    state.cursor = null;
    stage.show(picture);
    strip();
    learn();
  }

  function strip() {
    const add = element("button", { type: "button", "aria-label": "Add pictures" }, "+");
    add.onclick = () => section.querySelector("[data-choose]").click();
    get("teach-strip").replaceChildren(...state.pictures.map((picture) => {
      picture.thumbnail ??= URL.createObjectURL(picture.blob);
      return element("button", { type: "button", "aria-pressed": String(picture === state.now), title: picture.name, onclick: () => show(picture) },
        element("img", { src: picture.thumbnail, alt: picture.name }));
    }), add);
  }

  // -- Names -------------------------------------------------------------------------------------------------

  function classes() {
    get("teach-classes").replaceChildren(...state.classes.map((one, place) => {
      const field = element("input", { value: one.name, maxlength: 40, "aria-label": `Name ${place + 1}`, spellcheck: false });
      field.oninput = () => { one.name = field.value; summary(); };
      field.onfocus = () => choose(place);
      const row = element("li", { class: place === state.chosen && !state.erasing ? "chosen" : "" },
        element("button", { type: "button", class: "pick", style: `background:rgb(${colour(one.number)})`, "aria-label": `Brush ${one.name}`, onclick: () => choose(place) }, String(place + 1)),
        field, element("span", { class: "share" }, one.share === undefined ? "" : percent(one.share)),
        state.classes.length > 2 ? element("button", { type: "button", class: "remove", "aria-label": `Remove ${one.name}`, onclick: (event) => { event.stopPropagation(); remove(one); } }, "×") : null);
      row.onclick = (event) => { if (event.target === row) choose(place); };
      return row;
    }));
  }

  function choose(place) {
    if (place >= state.classes.length) return;
    state.chosen = place;
    state.erasing = false;
    pressed();
    render();
  }

  function pressed() {
    get("teach-erase").setAttribute("aria-pressed", String(state.erasing));
    [...get("teach-classes").children].forEach((row, place) => row.classList.toggle("chosen", place === state.chosen && !state.erasing));
  }

  function remove(one) {
    state.classes = state.classes.filter((other) => other !== one);
    state.chosen = Math.min(state.chosen, state.classes.length - 1);
    for (const picture of state.pictures) picture.strokes = picture.strokes.filter(({ label }) => label !== one.number);
    classes();
    learn();
  }

  get("teach-add").onclick = () => {
    const number = Math.max(...state.classes.map((one) => one.number)) + 1;
    state.classes.push({ name: `name ${state.classes.length + 1}`, number });
    classes();
    choose(state.classes.length - 1);
    const field = get("teach-classes").lastElementChild.querySelector("input");
    field.focus();
    field.select();
  };

  // -- The brush ---------------------------------------------------------------------------------------------

  const canvas = get("teach-canvas");
  const label = () => (state.erasing ? -1 : state.classes[state.chosen].number);

  function press(point) {
    state.down = { label: label(), points: [point], radius: radius() };
    state.now.strokes.push(state.down);
    move(point);
  }

  function move(point) {
    state.cursor = point;
    if (state.down) {
      const [x, y] = state.down.points[state.down.points.length - 1];
      if (Math.hypot(point[0] - x, point[1] - y) >= 1.5) state.down.points.push(point);
      learn();
    }
    render();
  }

  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    press(stage.at(event));
  };
  canvas.onpointermove = (event) => move(stage.at(event));
  canvas.onpointerup = canvas.onpointercancel = () => { state.down = false; learn(); };
  canvas.onpointerleave = () => { if (!state.down) { state.cursor = null; render(); } };

  const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.onkeydown = (event) => {
    if (!state.now) return;
    const { width, height } = state.now;
    state.cursor ??= [width / 2, height / 2];
    if (event.key in MOVES) {
      const [x, y] = MOVES[event.key], far = event.shiftKey ? 4 * STEP : STEP;
      move([Math.min(width, Math.max(0, state.cursor[0] + far * x)), Math.min(height, Math.max(0, state.cursor[1] + far * y))]);
    } else if (event.key === " ") {
      if (!event.repeat && !state.down) press(state.cursor);
    } else return;
    event.preventDefault();
  };
  canvas.onkeyup = (event) => { if (event.key === " ") { state.down = false; learn(); } };
  document.addEventListener("keydown", (event) => {
    if (section.hidden || event.target.matches("input:not([type=range]), textarea, dialog *")) return;
    const size = get("teach-radius");
    if (/^[1-9]$/.test(event.key)) choose(Number(event.key) - 1);
    else if (event.key === "[") size.stepDown(3);
    else if (event.key === "]") size.stepUp(3);
    else if (event.key === "e") get("teach-erase").click();
    else if (event.key === "z") get("teach-undo").click();
    else return;
    event.preventDefault();
    render();
  });

  get("teach-erase").onclick = () => { state.erasing = !state.erasing; pressed(); render(); };
  get("teach-undo").onclick = () => { state.now?.strokes.pop(); learn(); render(); };
  get("teach-clear").onclick = () => { if (state.now) state.now.strokes = []; learn(); render(); };
  get("teach-opacity").oninput = get("teach-radius").oninput = render;

  function render() { stage.render(); }

  function paint(brush, pixel) {
    if (state.now.layer) {
      brush.globalAlpha = opacity();
      brush.drawImage(state.now.layer, 0, 0, state.now.width, state.now.height);
      brush.globalAlpha = 1;
    }
    brush.lineCap = brush.lineJoin = "round";
    for (const { label: number, points, radius: wide } of state.now.strokes) {
      if (number < 0 && state.down?.label !== -1) continue;
      const trace = (width, style) => {
        brush.lineWidth = width;
        brush.strokeStyle = style;
        brush.beginPath();
        brush.moveTo(...points[0]);
        points.forEach((point) => brush.lineTo(...point));
        if (points.length === 1) brush.lineTo(points[0][0] + 0.01, points[0][1]);
        brush.stroke();
      };
      if (number < 0) { trace(2 * wide, "rgb(255 255 255 / .5)"); continue; }
      trace(2 * wide, `rgba(${colour(number)}, .3)`);
      trace(3.5 * pixel, "rgb(255 255 255 / .9)");
      trace(2 * pixel, `rgb(${colour(number)})`);
    }
    if (state.cursor) {
      brush.beginPath();
      brush.arc(...state.cursor, radius(), 0, 7);
      brush.fillStyle = state.erasing ? "rgb(255 255 255 / .35)" : `rgba(${colour(label())}, .35)`;
      brush.fill();
      for (const [width, style] of [[3, "rgb(0 0 0 / .5)"], [1.5, "#fff"]]) {
        brush.lineWidth = width * pixel;
        brush.strokeStyle = style;
        brush.stroke();
      }
    }
  }

  // -- Learning ----------------------------------------------------------------------------------------------

  // One lesson at a time; what was brushed meanwhile is in the next.
  let busy = false, again = false;
  async function learn() {
    if (!state.now) return;
    if (busy) { again = true; return; }
    busy = true;
    const picture = state.now;
    try {
      await Promise.all(state.pictures.filter((one) => one === picture || one.strokes.length).map(register));
      if (marked().length < 2) {
        picture.layer = null;
        for (const one of state.classes) delete one.share;
        summary();
      } else {
        const start = performance.now();
        const found = await json("api/teach/labels", { body: lesson(picture) });
        const labels = await levels(found.file);
        picture.layer = coloured(labels, found.classes.map((place) => colour(state.sent[place].number)));
        for (const one of state.classes) delete one.share;
        found.classes.forEach((place) => { state.sent[place].share = found.labels[state.sent[place].sentAs]; });
        summary(performance.now() - start, found.ms);
      }
      shares();
      render();
    } catch (error) {
      if (error.status === 410) { // forgotten on the server: it is sent again
        for (const one of state.pictures) one.id = null;
        again = true;
      } else say(error.message);
    } finally {
      busy = false;
      if (again) { again = false; learn(); }
    }
  }

  const marked = () => state.classes.filter(({ number }) => state.pictures.some((one) => one.strokes.some(({ label: is }) => is === number)));

  async function register(picture) {
    if (picture.id) return;
    get("teach-stage").classList.add("busy");
    try {
      picture.id = (await json("api/teach/pictures", { body: picture.blob })).id;
    } finally {
      get("teach-stage").classList.remove("busy");
    }
  }

  // Everything that was brushed, as the server takes it. Names that are empty or given twice get numbers.
  function lesson(picture) {
    state.sent = [...state.classes];
    const seen = new Set();
    const names = state.sent.map((one, place) => {
      let name = one.name.trim() || `name ${place + 1}`;
      if (seen.has(name)) name = `${name} ${place + 1}`;
      seen.add(name);
      return name;
    });
    const places = new Map(state.sent.map((one, place) => [one.number, place]));
    const strokes = {};
    for (const one of state.pictures) {
      if (one.strokes.length || one === picture) strokes[one.id] = one.strokes.map((stroke) => ({ ...stroke, label: stroke.label < 0 ? -1 : places.get(stroke.label) }));
    }
    state.sent.forEach((one, place) => { one.sentAs = names[place]; });
    return { classes: names, strokes, show: picture.id };
  }

  function shares() {
    [...get("teach-classes").children].forEach((row, place) => {
      const { share } = state.classes[place];
      row.querySelector(".share").textContent = share === undefined ? "" : percent(share);
    });
  }

  function summary(round, ms) {
    get("teach-take").hidden = marked().length < 2;
    const missing = state.classes.filter((one) => !marked().includes(one));
    if (round !== undefined) {
      get("teach-status").replaceChildren(element("b", {}, `${Math.round(ms.learn)} ms`), " to learn all strokes, ", element("b", {}, `${Math.round(ms.label)} ms`), " to label the picture. Where it is wrong, brush there.");
      get("teach-status").dataset.round = Math.round(round);
    } else if (marked().length < 2) {
      get("teach-status").textContent = state.now ? `Brush a patch of ${missing.slice(0, 2).map(({ name }) => `“${name}”`).join(" and of ")}.` : "Open a picture, then brush a patch of each name.";
    }
    command();
  }

  // -- The net -----------------------------------------------------------------------------------------------

  const file = () => get("teach-name").value.trim().replace(/[^\w-]+/g, "-").replace(/^-+|-+$/g, "") || "taught";
  const command = () => { get("teach-command").textContent = `windowpane parse photo.jpg --net ${file()}.onnx --out parsed/`; };
  get("teach-name").oninput = command;
  get("teach-take").onsubmit = async (event) => {
    event.preventDefault();
    try {
      const net = await (await ask(`api/teach/net?name=${encodeURIComponent(file())}`, { body: lesson(state.now) })).blob();
      const link = element("a", { href: URL.createObjectURL(net), download: `${file()}.onnx` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    } catch (error) {
      say(error.message);
    }
  };
  addEventListener("pagehide", () => { // what is open on the server is closed with the page
    for (const { id } of state.pictures) if (id) ask(`api/teach/pictures/${id}`, { method: "DELETE", keepalive: true });
  });
  classes();
  command();
}
