// Pictures from files, the clipboard, a drop, or a camera; made smaller where they are larger than a page can use.
import { say } from "./ask.js";

const fileInput = () => document.getElementById("file-input");
const photoInput = () => document.getElementById("photo-input");

export async function open(blob, name, longest) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(blob, { imageOrientation: "from-image" });
  } catch {
    throw new Error(`${name} is no picture that this browser can show: try a JPEG, PNG or WebP.`);
  }
  const shrink = longest / Math.max(bitmap.width, bitmap.height);
  if (shrink >= 1) return { name, blob, bitmap, width: bitmap.width, height: bitmap.height };
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * shrink));
  canvas.height = Math.max(1, Math.round(bitmap.height * shrink));
  const brush = canvas.getContext("2d");
  brush.fillStyle = "#fff";
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.imageSmoothingQuality = "high";
  brush.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const smaller = await new Promise((made) => canvas.toBlob(made, "image/jpeg", 0.93));
  const was = `${bitmap.width} × ${bitmap.height}`;
  say(`${name} has ${was} pixels. This page works at ${canvas.width} × ${canvas.height}; ask the interface for every pixel.`);
  bitmap.close();
  return { name, blob: smaller, bitmap: await createImageBitmap(canvas), width: canvas.width, height: canvas.height, was };
}

// Calls take(pictures) with whatever comes into a section of the page while it is shown.
export function receive(section, longest, take) {
  const opened = async (files) => {
    const pictures = [];
    for (const file of files) {
      try {
        pictures.push(await open(file, file.name || "pasted", longest));
      } catch (error) {
        say(error.message);
      }
    }
    if (pictures.length) take(pictures);
  };
  const from = (input) => () => {
    input.value = "";
    input.onchange = () => opened([...input.files]);
    input.click();
  };
  for (const button of section.querySelectorAll("[data-choose]")) button.onclick = from(fileInput());
  for (const button of section.querySelectorAll("[data-photograph]")) {
    button.onclick = () => (matchMedia("(pointer: coarse)").matches || !navigator.mediaDevices)
      ? from(photoInput())() : photograph(opened);
  }
  const card = section.querySelector(".stage-card");
  const over = (is) => (event) => {
    event.preventDefault();
    card.classList.toggle("over", is);
  };
  section.addEventListener("dragover", over(true));
  section.addEventListener("dragleave", over(false));
  section.addEventListener("drop", (event) => {
    over(false)(event);
    opened([...event.dataTransfer.files]);
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!section.hidden && files.length) opened(files);
  });
  return opened;
}

async function photograph(opened) {
  const dialog = document.getElementById("camera"), video = dialog.querySelector("video");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 } } });
  } catch {
    say("There is no camera, or this page may not use it: choose a picture instead.");
    return;
  }
  video.srcObject = stream;
  await video.play();
  dialog.showModal();
  dialog.onclose = () => stream.getTracks().forEach((track) => track.stop());
  dialog.querySelector("[value=close]").onclick = () => dialog.close();
  dialog.querySelector("[value=take]").onclick = () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.toBlob((blob) => opened([new File([blob], "photo.jpg", { type: "image/jpeg" })]), "image/jpeg", 0.93);
    dialog.close();
  };
}
