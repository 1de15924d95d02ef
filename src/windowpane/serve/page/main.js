// The three pages behind one address, and the light.
import { look } from "./look.js";
import { teach } from "./teach.js";
import { write } from "./write.js";

const PAGES = ["look", "write", "teach"];

function show(focus) {
  const page = PAGES.includes(location.hash.slice(1)) ? location.hash.slice(1) : "look";
  for (const name of PAGES) document.getElementById(name).hidden = name !== page;
  for (const link of document.querySelectorAll(".tabs a")) {
    link.hash === `#${page}` ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
  }
  document.title = `${page[0].toUpperCase()}${page.slice(1)} · Windowpane`;
  if (focus) document.getElementById(page).focus({ preventScroll: true });
  scrollTo(0, 0);
  document.dispatchEvent(new Event("pagechange"));
}

document.getElementById("theme").onclick = () => {
  const dark = getComputedStyle(document.documentElement).colorScheme === "dark";
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("theme", dark ? "light" : "dark");
  document.dispatchEvent(new Event("themechange"));
};
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new Event("themechange")));

show(false);
addEventListener("hashchange", () => show(true));
look();
write();
teach();
document.documentElement.dataset.ready = "";
