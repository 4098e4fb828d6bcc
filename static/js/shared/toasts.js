// Toasts: asked for by an answer's HX-Trigger header, or shown when a request did not get through.
const region = document.getElementById("toasts");
const model = document.getElementById("toast-model");
const STAY = 6000;
const STAY_WITH_ACTION = 12000;

function show({ text, tone = "ok", action = "", actionUrl = "" }) {
  if (!region || !model || !text) return;
  const toast = model.content.cloneNode(true).firstElementChild;
  toast.dataset.tone = tone;
  toast.querySelector("[data-text]").textContent = text;
  for (const icon of toast.querySelectorAll("[data-for]")) icon.hidden = icon.dataset.for !== tone;
  const button = toast.querySelector("[data-action]");
  if (actionUrl) {
    button.textContent = action;
    button.setAttribute("hx-post", actionUrl);
    button.addEventListener("click", () => toast.remove(), { once: true });
  } else {
    button.remove();
  }
  region.append(toast);
  window.htmx?.process(toast);
  let timer;
  const wait = () => (timer = setTimeout(() => toast.remove(), actionUrl ? STAY_WITH_ACTION : STAY));
  // Whoever is reading or about to press keeps it.
  for (const kind of ["pointerenter", "focusin"]) toast.addEventListener(kind, () => clearTimeout(timer));
  for (const kind of ["pointerleave", "focusout"]) toast.addEventListener(kind, wait);
  wait();
}

document.addEventListener("toast", (event) => show(event.detail));
document.addEventListener("htmx:sendError", () => show({ text: region?.dataset.lost, tone: "danger" }));
document.addEventListener("htmx:timeout", () => show({ text: region?.dataset.lost, tone: "danger" }));
document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  if (xhr.getResponseHeader("HX-Trigger")?.includes('"toast"')) return;
  const text = xhr.status === 429 ? region?.dataset.tooMany : region?.dataset.failed;
  show({ text, tone: "danger" });
});
