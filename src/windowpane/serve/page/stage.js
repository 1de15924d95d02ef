// A picture on a canvas as large as there is room, with layers painted over it in the picture's own pixels.

const TALLEST = 0.74; // of the window

export class Stage {
  constructor(canvas, paint) {
    this.canvas = canvas;
    this.paint = paint; // (brush, pixel): pixel = one pixel of the screen, in those of the picture
    this.picture = null;
    new ResizeObserver(() => this.fit()).observe(canvas.parentElement);
  }

  show(picture) {
    this.picture = picture;
    this.fit();
  }

  fit() {
    if (!this.picture || !this.canvas.parentElement.clientWidth) return;
    const { width, height } = this.picture;
    const room = Math.min(this.canvas.parentElement.clientWidth, (TALLEST * innerHeight * width) / height, 3 * width);
    this.canvas.style.width = `${Math.floor(room)}px`;
    this.canvas.style.height = `${Math.floor((room * height) / width)}px`;
    const dense = devicePixelRatio || 1;
    this.canvas.width = Math.round(room * dense);
    this.canvas.height = Math.round(((room * height) / width) * dense);
    this.zoom = this.canvas.width / width;
    this.render();
  }

  render() {
    if (!this.picture) return;
    cancelAnimationFrame(this.next);
    this.next = requestAnimationFrame(() => {
      const brush = this.canvas.getContext("2d");
      brush.setTransform(1, 0, 0, 1, 0, 0);
      brush.fillStyle = "#fff";
      brush.fillRect(0, 0, this.canvas.width, this.canvas.height);
      brush.setTransform(this.zoom, 0, 0, this.zoom, 0, 0);
      brush.imageSmoothingQuality = "high";
      brush.drawImage(this.picture.bitmap, 0, 0, this.picture.width, this.picture.height);
      this.paint(brush, (devicePixelRatio || 1) / this.zoom);
    });
  }

  // The place of a pointer, in pixels of the picture.
  at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * this.picture.width, ((event.clientY - box.top) / box.height) * this.picture.height];
  }
}

export function tip(element, stage, point, text) {
  element.hidden = !text;
  if (!text) return;
  element.textContent = text;
  const box = stage.canvas.getBoundingClientRect(), frame = stage.canvas.parentElement.getBoundingClientRect();
  const x = box.left - frame.left + (point[0] / stage.picture.width) * box.width;
  const y = box.top - frame.top + (point[1] / stage.picture.height) * box.height;
  element.style.left = `${Math.min(x, frame.width - 12 - element.offsetWidth)}px`;
  element.style.top = `${Math.max(y, 36)}px`;
}
