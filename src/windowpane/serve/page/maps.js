// Score maps and labels on canvases.

export function bytes(map) {
  map.values ??= Uint8Array.from(atob(map.data), (letter) => letter.charCodeAt(0));
  return map.values;
}

// A small canvas with a pixel for each cell; colour(value) gives [red, green, blue, opacity].
export function tinted(map, colour) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.max(1, map.cols), Math.max(1, map.rows)];
  const brush = canvas.getContext("2d"), image = brush.createImageData(canvas.width, canvas.height);
  bytes(map).forEach((value, place) => image.data.set(colour(value), 4 * place));
  brush.putImageData(image, 0, 0);
  return canvas;
}

// Where a map lies in the picture: each cell is drawn as large as the step, around the middle of its window.
export function cells(map) {
  const parts = map.parts ?? 1;
  const [x0, y0, x1, y1] = map.box, [across, down] = map.step;
  return { left: (x0 + x1 - across) / 2, top: (y0 + y1 - down) / 2, across: across / parts, down: down / parts };
}

export function paintMap(brush, map, canvas) {
  const { left, top, across, down } = cells(map);
  brush.imageSmoothingEnabled = false;
  brush.drawImage(canvas, left, top, across * map.cols, down * map.rows);
  brush.imageSmoothingEnabled = true;
}

// The cell of a map at a point of the picture, with the window that it sees; null outside of the map.
export function cellAt(map, [x, y]) {
  const { left, top, across, down } = cells(map), parts = map.parts ?? 1;
  const col = Math.floor((x - left) / across), row = Math.floor((y - top) / down);
  if (col < 0 || row < 0 || col >= map.cols || row >= map.rows) return null;
  const [x0, y0, x1, y1] = map.box, right = Math.floor(col / parts) * map.step[0], lower = Math.floor(row / parts) * map.step[1];
  return { value: bytes(map)[row * map.cols + col], box: [x0 + right, y0 + lower, x1 + right, y1 + lower] };
}

// The grey levels of a PNG, one byte a pixel.
export async function levels(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  brush.drawImage(image, 0, 0);
  const four = brush.getImageData(0, 0, canvas.width, canvas.height).data;
  const values = new Uint8Array(four.length / 4);
  for (let place = 0; place < values.length; place++) values[place] = four[4 * place];
  return { values, width: canvas.width, height: canvas.height };
}

// Labels as a canvas: of each class its colour; shown(place) says whether a pixel is.
export function coloured(labels, colours, shown = () => true) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [labels.width, labels.height];
  const brush = canvas.getContext("2d"), image = brush.createImageData(labels.width, labels.height);
  const pixels = new Uint32Array(image.data.buffer); // little-endian: alpha, blue, green, red
  const packed = colours.map(([red, green, blue]) => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0);
  for (let place = 0; place < pixels.length; place++) if (shown(place)) pixels[place] = packed[labels.values[place]];
  brush.putImageData(image, 0, 0);
  return canvas;
}

// -- The line of a number ------------------------------------------------------------------------------------

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function plain(width, height) {
  const canvas = document.createElement("canvas"), dense = devicePixelRatio || 1;
  [canvas.width, canvas.height] = [Math.round(width * dense), Math.round(height * dense)];
  [canvas.style.width, canvas.style.height] = [`${width}px`, `${height}px`];
  const brush = canvas.getContext("2d");
  brush.scale(dense, dense);
  return [canvas, brush];
}

const LEFT = 24; // room for the names of rows

// A map of digits and columns as Hinton squares, light for yes and dark for no; rows are digits.
export function hinton(map, rows, zoom, { path, height = 13, names } = {}) {
  const wide = map.step * zoom, left = LEFT + (map.x0 - map.step / 2) * zoom;
  const [canvas, brush] = plain(left + map.cols * wide + 8, rows.length * height);
  const values = bytes(map);
  brush.fillStyle = style("--raised");
  brush.fillRect(left, 0, map.cols * wide, rows.length * height);
  brush.font = `${Math.min(12, height)}px system-ui`;
  brush.textBaseline = "middle";
  rows.forEach((digit, row) => {
    brush.fillStyle = style("--faint");
    brush.fillText((names ?? rows)[row], left - 14, (row + 0.5) * height + 0.5);
    for (let col = 0; col < map.cols; col++) {
      const chance = values[digit * map.cols + col] / 255;
      if (chance < 0.02) continue;
      const side = 0.92 * Math.sqrt(chance) * Math.min(wide, height);
      brush.fillStyle = style("--text");
      brush.globalAlpha = 0.25 + 0.75 * chance;
      brush.fillRect(left + (col + 0.5) * wide - side / 2, (row + 0.5) * height - side / 2, side, side);
      brush.globalAlpha = 1;
    }
  });
  if (path) paintPath(brush, path, rows, left, wide, height, map.cols);
  return canvas;
}

// From the lower left to the upper right: to the right nothing is read, each step up reads a digit.
function paintPath(brush, columns, rows, left, wide, height, cols) {
  const bottom = rows.length * height - 1.5;
  brush.strokeStyle = style("--bright");
  brush.lineWidth = 2.5;
  brush.lineJoin = "round";
  brush.beginPath();
  brush.moveTo(left, bottom);
  let y = bottom;
  columns.forEach((column, place) => {
    const x = left + (column + 0.5) * wide;
    brush.lineTo(x, y);
    y = Math.max(1.5, (rows.length - place - 1) * height);
    brush.lineTo(x, y);
  });
  brush.lineTo(left + cols * wide, y);
  brush.stroke();
  columns.forEach((column, place) => {
    brush.fillStyle = style("--bright");
    brush.beginPath();
    brush.arc(left + (column + 0.5) * wide, (rows.length - place - 0.5) * height, 4, 0, 7);
    brush.fill();
  });
}

export async function inkLine(line, zoom) {
  const ink = await levels(line.image);
  const [canvas, brush] = plain(LEFT + line.width * zoom + 8, line.height * zoom);
  const [paper, pen] = ["--raised", "--text"].map((name) => [1, 3, 5].map((at) => parseInt(style(name).slice(at, at + 2), 16)));
  const shades = Array.from({ length: 256 }, (_, level) => paper.map((value, part) => value + ((pen[part] - value) * level) / 255));
  const small = coloured(ink, shades);
  brush.imageSmoothingEnabled = zoom < 2;
  brush.drawImage(small, LEFT, 0, line.width * zoom, line.height * zoom);
  return canvas;
}
