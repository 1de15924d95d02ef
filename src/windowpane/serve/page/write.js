// Write: a line of paper, and a reader that reads it again with every stroke.
import { json, say } from "./ask.js";
import { lineFigure } from "./look.js";
import { digits, element, times, verdict } from "./parts.js";

const PEN = 13, WIDE = 1200; // the paper's own units; its height follows its shape
const get = (id) => document.getElementById(id);

// How digits are written, in a box of 60 x 100: strokes of points, smoothed where they are drawn.
const STROKES = {
  0: [[[32, 2], [12, 10], [3, 36], [4, 68], [16, 95], [34, 98], [52, 84], [57, 52], [52, 20], [36, 3], [30, 3]]],
  1: [[[14, 24], [24, 14], [34, 2]], [[34, 2], [33, 50], [32, 98]]],
  2: [[[6, 24], [14, 6], [34, 2], [50, 14], [50, 34], [36, 58], [16, 82], [4, 97]], [[4, 97], [30, 95], [58, 97]]],
  3: [[[8, 10], [28, 2], [48, 10], [50, 28], [38, 43], [22, 47]], [[22, 47], [44, 51], [56, 68], [50, 88], [30, 98], [6, 90]]],
  4: [[[40, 2], [22, 34], [4, 66]], [[4, 66], [32, 65], [58, 64]], [[42, 34], [42, 66], [42, 98]]],
  5: [[[52, 4], [34, 4], [14, 5]], [[14, 5], [12, 24], [9, 44]], [[9, 44], [30, 36], [50, 44], [57, 66], [46, 90], [24, 98], [4, 90]]],
  6: [[[46, 3], [24, 18], [8, 46], [4, 72], [14, 94], [34, 98], [52, 86], [54, 66], [42, 52], [24, 54], [8, 68]]],
  7: [[[4, 6], [30, 5], [56, 6]], [[56, 6], [42, 36], [30, 66], [22, 98]]],
  8: [[[46, 14], [30, 2], [12, 10], [12, 28], [30, 44], [50, 62], [54, 82], [38, 97], [18, 97], [5, 82], [10, 62], [30, 46], [48, 30], [50, 16], [40, 4]]],
  9: [[[52, 26], [42, 6], [22, 3], [7, 18], [8, 40], [24, 52], [42, 44], [52, 26]], [[52, 26], [50, 60], [40, 98]]],
};

export function write() {
  const paper = get("paper-canvas"), brush = paper.getContext("2d");
  const section = get("write");
  let strokes = [], drawing = null, busy = false, again = false, found = null, auto = 0;
  const format = () => section.querySelector("[name=format]:checked").value;

  function size() {
    const box = paper.getBoundingClientRect();
    if (!box.width) return;
    paper.width = WIDE;
    paper.height = Math.round((WIDE * box.height) / box.width);
    paint();
    figure();
  }

  function paint() {
    brush.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--paper").trim();
    brush.fillRect(0, 0, paper.width, paper.height);
    brush.lineWidth = PEN;
    brush.lineCap = brush.lineJoin = "round";
    brush.strokeStyle = "#1d2733";
    for (const points of strokes) trace(points);
    get("paper-hint").hidden = strokes.length > 0;
  }

  function trace(points) {
    brush.beginPath();
    brush.moveTo(...points[0]);
    for (let place = 1; place < points.length - 1; place++) {
      const [x, y] = points[place], [next, below] = points[place + 1];
      brush.quadraticCurveTo(x, y, (x + next) / 2, (y + below) / 2);
    }
    brush.lineTo(...points[points.length - 1]);
    brush.stroke();
  }

  const at = (event) => {
    const box = paper.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * paper.width, ((event.clientY - box.top) / box.height) * paper.height];
  };
  paper.onpointerdown = (event) => {
    auto++;
    paper.setPointerCapture(event.pointerId);
    drawing = [at(event)];
    strokes.push(drawing);
    paint();
  };
  paper.onpointermove = (event) => {
    if (!drawing) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) drawing.push(at(one));
    paint();
    read();
  };
  paper.onpointerup = paper.onpointercancel = () => { drawing = null; read(); };

  const changed = () => { paint(); read(); };
  get("paper-undo").onclick = () => { auto++; strokes.pop(); changed(); };
  get("paper-clear").onclick = () => { auto++; strokes = []; changed(); };
  for (const radio of section.querySelectorAll("[name=format]")) radio.onchange = read;
  get("paper-auto").onclick = async () => {
    strokes = [];
    const mine = ++auto;
    for (const digit of CODES[Math.floor(Math.random() * CODES.length)]) {
      for (const stroke of placed(digit)) {
        const growing = [];
        strokes.push(growing);
        for (const point of dense(stroke)) {
          growing.push(point);
          paint();
          if (growing.length % 4 === 0) read();
          await new Promise((go) => setTimeout(go, 14));
          if (mine !== auto) return;
        }
      }
    }
    read();
  };
  paper.onkeydown = (event) => {
    if (event.key in STROKES) strokes.push(...placed(event.key));
    else if (event.key === "Backspace" || (event.key === "z" && (event.ctrlKey || event.metaKey))) strokes.pop();
    else return;
    event.preventDefault();
    changed();
  };

  // A digit, behind what is written already, a little uneven as by hand.
  function placed(digit) {
    const tall = 0.56 * Math.min(paper.height, 320), zoom = tall / 100;
    const right = Math.max(0.04 * WIDE, ...strokes.flat().map(([x]) => x + 34 * zoom));
    const left = right + 60 * zoom > WIDE - 20 ? WIDE - 20 - 60 * zoom : right;
    const slant = 0.12 * (Math.random() - 0.3), top = 0.79 * paper.height - tall + 10 * (Math.random() - 0.5);
    return STROKES[digit].map((stroke) => stroke.map(([x, y]) => [left + zoom * (x + slant * (100 - y)), top + zoom * y]));
  }

  async function read() {
    if (busy) { again = true; return; }
    if (!strokes.length) { found = null; figure(); return; }
    busy = true;
    try {
      const blob = await new Promise((made) => paper.toBlob(made));
      found = await json(`api/read/steps?format=${format()}`, { body: blob });
      if (!strokes.length) found = null;
      await figure();
    } catch (error) {
      say(error.message);
    } finally {
      busy = false;
      if (again) { again = false; read(); }
    }
  }

  async function figure() {
    get("write-figure").hidden = !found;
    if (!found) {
      get("write-digits").replaceChildren(element("h2", {}, "The answer"), element("p", { class: "empty" }, "It appears here with your first stroke."));
      return;
    }
    // What takes time comes first: an answer and its figure change together.
    const shown = found, room = get("write-figure").clientWidth - 42;
    const parts = await lineFigure(shown, 0, Math.max(240, room));
    if (shown !== found) return;
    get("write-digits").replaceChildren(element("h2", {}, "The answer"), digits(shown.answer), verdict(shown.answer), element("div", { style: "height:14px" }), times(shown.ms));
    get("write-figure").replaceChildren(element("div", { class: "figure" }, ...parts));
  }

  document.addEventListener("pagechange", size);
  document.addEventListener("themechange", () => { paint(); figure(); });
  addEventListener("resize", size);
  size();
  figure();
}

const CODES = ["94720", "10003", "60614", "02139", "98109", "77005", "33139", "80302"];

// More points between those of a stroke, so that it can be watched.
function dense(stroke) {
  const points = [];
  stroke.slice(1).forEach(([x, y], place) => {
    const [from, above] = stroke[place];
    for (let part = 0; part < 5; part++) points.push([from + ((x - from) * part) / 5, above + ((y - above) * part) / 5]);
  });
  return [...points, stroke[stroke.length - 1]];
}
