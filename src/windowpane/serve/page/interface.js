// The page of the interface, made of the server's own description of itself.
import { element } from "./parts.js";

const GROUPS = [["Pictures", /^\/api\/(read|detect|parse)$/], ["With every step, as the page shows them", /\/steps$/], ["Teach", /^\/api\/teach/],
  ["KServe and Triton clients", /^\/v2/], ["The server", /./]];
const base = new URL("./", location.href).href.replace(/\/$/, "");

const description = await (await fetch("openapi.json")).json();
document.getElementById("example").textContent = [
  `curl --data-binary @group.jpg '${base}/api/detect'`,
  `curl -F file=@1.png -F file=@2.png '${base}/api/read?format=zip'`].join("\n");

const left = Object.entries(description.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, route]) => ({ path, method, route })));
for (const [title, pattern] of GROUPS) {
  const mine = left.filter((one) => !one.shown && pattern.test(one.path));
  if (!mine.length) continue;
  for (const one of mine) one.shown = true;
  document.getElementById("routes").append(element("h3", {}, title), ...mine.map(shown));
}

function shown({ path, method, route }) {
  const parts = [];
  if (route.parameters?.length) {
    parts.push(table(["Option", "Is", "Default", ""], route.parameters.map(({ name, schema, description: text }) =>
      [element("code", {}, name), kind(schema), schema.default === undefined ? "" : String(schema.default), text ?? ""])));
  }
  if (route.requestBody?.description) parts.push(element("p", { class: "hint" }, route.requestBody.description));
  const model = resolved(route.responses?.[200]?.content?.["application/json"]?.schema);
  if (model?.properties) {
    parts.push(table(["Answer", "Is", ""], Object.entries(model.properties).map(([name, schema]) => [element("code", {}, name), kind(schema), schema.description ?? ""])));
    if (model.description) parts.push(element("p", { class: "hint" }, model.description));
  }
  const data = route.requestBody ? (route.requestBody.content["application/json"] ? " --json @question.json" : " --data-binary @picture.jpg") : "";
  parts.push(element("pre", { class: "code" }, `curl${method === "delete" ? " -X DELETE" : ""}${data} '${base}${path}'`));
  return element("details", { class: "card route" },
    element("summary", {}, element("span", { class: `method ${method}` }, method.toUpperCase()), element("span", { class: "path" }, path), element("span", { class: "what" }, route.summary ?? "")), ...parts);
}

function resolved(schema) {
  return schema?.$ref ? description.components.schemas[schema.$ref.split("/").pop()] : schema;
}

function kind(schema) {
  const one = resolved(schema);
  if (one.enum) return one.enum.join(" or ");
  if (one.anyOf) return one.anyOf.filter(({ type }) => type !== "null").map(kind).join(" or ");
  const span = [one.minimum !== undefined && `from ${one.minimum}`, one.maximum !== undefined && `to ${one.maximum}`].filter(Boolean).join(" ");
  if (one.type === "array") return `list of ${kind(one.items ?? {})}`;
  return [one.properties ? "object" : one.type ?? "anything", span].filter(Boolean).join(", ");
}

function table(heads, rows) {
  return element("table", {}, element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", {}, head)))),
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map((cell) => element("td", {}, cell))))));
}

document.documentElement.dataset.ready = "";
