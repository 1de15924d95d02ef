// Questions to the server: with the token if there is one, patient when it is busy, plain when it fails.

const TRIES = 4;
let token = sessionStorage.getItem("token") ?? "";

export async function ask(path, { method = "POST", body, signal, keepalive } = {}) {
  const text = body !== undefined && !(body instanceof Blob);
  for (let tried = 1; ; tried++) {
    const headers = { ...(token && { Authorization: `Bearer ${token}` }), ...(text && { "Content-Type": "application/json" }) };
    let answer;
    try {
      answer = await fetch(path, { method, headers, signal, keepalive, body: text ? JSON.stringify(body) : body });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Error("The server does not answer. Is it still running?");
    }
    if (answer.ok) return answer;
    if (answer.status === 401) {
      await askForToken();
    } else if (answer.status === 429 && tried < TRIES) {
      await new Promise((go) => setTimeout(go, 1000 * Number(answer.headers.get("Retry-After") ?? 1)));
    } else {
      const said = await answer.json().catch(() => ({}));
      const error = new Error(said.error ?? `The server answered with status ${answer.status}.`);
      error.status = answer.status;
      throw error;
    }
  }
}

export const json = async (...question) => (await ask(...question)).json();

function askForToken() {
  const dialog = document.getElementById("token");
  dialog.showModal();
  return new Promise((given, refused) => {
    dialog.onclose = () => {
      token = dialog.querySelector("input").value;
      sessionStorage.setItem("token", token);
      token ? given() : refused(new Error("Without a token this server does not answer."));
    };
  });
}

// One sentence at the bottom of the page, for a while.
let hide;
export function say(sentence) {
  const toast = document.getElementById("toast");
  toast.textContent = sentence;
  toast.hidden = false;
  clearTimeout(hide);
  hide = setTimeout(() => { toast.hidden = true; }, 7000);
}
